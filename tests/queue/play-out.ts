import { explainTask } from "../../server/services/tasks/explain.ts";
import { agentCommands, completion } from "./agents-do.ts";
import { asPerson, type Call } from "./calls.ts";
import type { Game } from "./game.ts";
import { liveRuns, Mismatch } from "./model.ts";
import { peopleCommands } from "./people-do.ts";
import { clockCommands, worldCommands } from "./time-does.ts";

/** More rounds than all attempts of all tasks need one after the other. */
const roundsAtMost = 60;

/** What alone may not keep a task once time has passed and every agent is there and willing. */
const noExcuses = [
  "ready",
  "queue_time_out",
  "leased",
  "unheld",
  "back_off",
  "agents_offline",
  "agents_not_accepting",
  "agents_busy",
];

/** Lets willing agents work until nothing moves any more: every task must then have ended, or say why it has not. */
export async function playOut(game: Game, act: (call: Call | undefined) => Promise<void>): Promise<void> {
  const everyAgent = game.agents.map((_, a) => ({ a, b: 2 }));
  for (const { a } of everyAgent) await act(peopleCommands.steer?.(game, { a, b: 0 }));
  for (let round = 1; ; round++) {
    if (round > roundsAtMost) throw new Mismatch("The work has no end");
    await act(worldCommands.timePasses?.(game, { a: 0, b: 3 }));
    for (const name of ["reap", "timeOutQueue", "expire"]) await act(clockCommands[name]?.(game, { a: 0, b: 0 }));
    await act(worldCommands.backOffEnds?.(game, { a: 0, b: 0 }));
    for (const choice of everyAgent) await act(agentCommands.claim?.(game, choice));
    const live = liveRuns(game.model);
    if (live.length === 0) break;
    for (const run of live.filter((one) => !one.isForgotten)) await act(completion(game, { run }));
  }
  for (const choice of everyAgent) await act(agentCommands.beat?.(game, choice));
  await act(clockCommands.watch?.(game, { a: 0, b: 0 }));
  await checkEnds(game);
}

async function checkEnds({ model, person, servers: [server] }: Game): Promise<void> {
  if (!server) return;
  for (const task of model.tasks.values()) {
    const { reasons } = await explainTask(asPerson(server, person), { id: task.id });
    const codes: string[] = reasons.map(({ code }) => code);
    if (codes.some((code) => !noExcuses.includes(code))) continue;
    throw new Mismatch(`A task has not ended although agents are willing, and says only: ${codes}`);
  }
}
