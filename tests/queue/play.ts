import fc from "fast-check";
import type { TestHost } from "../../server/services/testing.ts";
import { cancelWorkflow } from "../../server/services/workflows/cancel.ts";
import { watchAgents } from "../../server/workers/agent-status.ts";
import { agentCommands, type Choice } from "./agents-do.ts";
import { checkHistory, checkState } from "./invariants.ts";
import { peopleCommands } from "./people-do.ts";
import { type Game, startGame } from "./players.ts";
import { timeCommands } from "./time-does.ts";

const commands: Record<string, (game: Game, choice: Choice) => Promise<void>> = {
  ...agentCommands,
  ...peopleCommands,
  ...timeCommands,
};

const names = Object.keys(commands);
// Without claims nothing happens, so there are more of them.
const name = fc.constantFrom(...names, "claim", "claim", "claim", "claimTogether", "complete", "backOffEnds");
const step = fc.tuple(name, fc.nat(999), fc.nat(999));
type Step = [name: string, a: number, b: number];

/** Plays random histories until the time is up. A failure throws with its seed and the shortest history that shows it. */
export async function explore(host: TestHost, { seconds, seed }: { seconds: number; seed: number }): Promise<number> {
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
      histories++;
      await play(host, steps);
    }),
    {
      seed,
      numRuns: 1_000_000,
      includeErrorInReport: true,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
    },
  );
  return histories;
}

async function play(host: TestHost, steps: Step[]): Promise<void> {
  const game = await startGame(host);
  try {
    for (const [index, [name, a, b]] of steps.entries()) {
      try {
        await commands[name]?.(game, { a, b });
        await host.background.drain();
        await checkState(game);
      } catch (error) {
        throw new Error(`Step ${index + 1}, ${name}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
    }
    await watchAgents(host);
    await checkHistory(game);
  } finally {
    // Leaves nothing behind that the next history would see.
    await cancelWorkflow(game.person, { id: game.workflowId });
    await host.background.drain();
  }
}
