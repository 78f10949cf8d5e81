import fc from "fast-check";
import { verifyAudit } from "../../server/services/audit/verify.ts";
import type { TestHost } from "../../server/services/testing.ts";
import { sealAudit } from "../../server/workers/audit-sealer.ts";
import { seeded } from "../support/seeded.ts";
import { agentCommands } from "./agents-do.ts";
import { answerOf, type Call, type Heard } from "./calls.ts";
import { compare, type Facts } from "./facts.ts";
import { type Choice, Game, pick } from "./game.ts";
import { checkHistory } from "./history.ts";
import { Mismatch, type Model } from "./model.ts";
import { peopleCommands } from "./people-do.ts";
import { playOut } from "./play-out.ts";
import { forgetQueueTimes, rollUp } from "./rules.ts";
import { Down } from "./servers.ts";
import { suggestionCommands } from "./suggestions-do.ts";
import { clockCommands, worldCommands } from "./time-does.ts";

type Command = (game: Game, choice: Choice) => Call | undefined;

/** Any earlier call again, or one that was sent long ago and only now arrives. */
const deliver: Command = ({ mail }, { a }) => (mail.length > 0 ? pick(mail, a) : undefined);

/** What may run beside other calls, and what only happens between them. */
const callers: Record<string, Command> = {
  ...agentCommands,
  ...suggestionCommands,
  ...peopleCommands,
  ...clockCommands,
  deliver,
};
const commands: Record<string, Command> = { ...callers, ...worldCommands };
const byAgents = new Set(Object.keys({ ...agentCommands, ...suggestionCommands }));

/** Without claims nothing happens, without time nothing ends, and one line makes no log: so there are more of these. */
const often = [
  "claim",
  "claim",
  "claim",
  "completeAndClaim",
  "suggest",
  "deliver",
  "deliver",
  "restoreAll",
  "log",
  "log",
];
const choice = [fc.nat(9999), fc.nat(9999)] as const;
const call = fc.tuple(fc.constantFrom(...Object.keys(callers), ...often), ...choice);
const anything = fc.tuple(
  fc.constantFrom(...Object.keys(commands), ...often, "timePasses", "timePasses", "timePasses", "reap", "backOffEnds"),
  ...choice,
);

interface Step {
  how: "alone" | "together" | "race" | "crash" | "late";
  calls: [name: string, a: number, b: number][];
  /** Seeds the pauses and says which server. */
  lot: number;
  /** How many statements a server that goes down still gets out. */
  cut: number;
}

/** Leases have run out: a heartbeat that is told of a renewed one keeps its run, whatever the reaper had seen before. */
const race = fc.tuple(
  fc.tuple(fc.constant("beat"), ...choice),
  fc.tuple(fc.constant("beat"), ...choice),
  fc.tuple(fc.constant("reap"), ...choice),
);

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.record({ how: fc.constant("alone" as const), calls: fc.tuple(anything) }) },
      { weight: 2, arbitrary: fc.record({ how: fc.constant("race" as const), calls: race }) },
      { weight: 1, arbitrary: fc.record({ how: fc.constant("late" as const), calls: fc.tuple(call) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          how: fc.constant("together" as const),
          calls: fc.array(call, { minLength: 2, maxLength: 4 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          how: fc.constant("crash" as const),
          calls: fc.array(call, { minLength: 1, maxLength: 3 }),
        }),
      },
    ),
    fc.record({ lot: fc.nat(9999), cut: fc.nat(20) }),
  )
  .map(([calls, luck]) => ({ ...calls, ...luck }));

const history = fc.record({
  isFailFast: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: "max" }),
});

/**
 * Plays random histories until the time is up, each by a seed of its own. A failure throws the shortest history that shows
 * it, or the one that was found.
 */
export async function explore(
  fleet: TestHost,
  { seconds, seed, asFound = false }: { seconds: number; seed: number; asFound?: boolean },
): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let histories = 0;
  for (; performance.now() < until; histories++) {
    await fc.assert(
      fc.asyncProperty(history, (drawn) => play(fleet, drawn)),
      {
        seed: seed + histories,
        numRuns: 1,
        unbiased: true,
        endOnFailure: asFound,
        interruptAfterTimeLimit: 30_000,
        markInterruptAsFailure: false,
        reporter: (details) => {
          if (!details.failed) return;
          throw new Error(
            `${messageOf(details.errorInstance)}\n\nTo see it again: bun run model --seed ${seed + histories}`,
            {
              cause: details.errorInstance,
            },
          );
        },
      },
    );
  }
  await sealAudit(fleet.db);
  const verified = await verifyAudit(fleet.db);
  if (!verified.ok) throw new Error(`The audit log does not verify: ${JSON.stringify(verified.firstBad)}`);
  return histories;
}

async function play(fleet: TestHost, { isFailFast, steps }: { isFailFast: boolean; steps: Step[] }): Promise<void> {
  const game = await Game.start(fleet, { isFailFast });
  try {
    for (const one of steps) {
      await take(game, one);
      if (one.lot % 8 === 0) game.openPages();
    }
    game.story.push("and at the end:");
    await checkHistory(game);
    await playOut(game, async (call) => {
      if (call) await settle(game, await send(game, { calls: [call], lot: 0 }));
    });
    await checkHistory(game);
  } catch (error) {
    throw new Error(
      `${messageOf(error)}\n\nWhat happened${isFailFast ? ", in a workflow that fails fast" : ""}:\n${game.story.join("\n")}`,
      {
        cause: error,
      },
    );
  } finally {
    await game.end();
  }
}

async function take(game: Game, { how, calls: drawn, lot, cut }: Step): Promise<void> {
  if (how === "race") {
    await take(game, { how: "alone", calls: [["leasesEnd", 0, 0]], lot, cut });
    return take(game, { how: "together", calls: drawn, lot, cut });
  }
  const calls = drawn.flatMap(([name, a, b]) => {
    const call = commands[name]?.(game, { a, b });
    if (call && byAgents.has(name)) game.mail.push(call);
    return call ? [call] : [];
  });
  if (calls.length === 0 || how === "late") return;
  switch (how) {
    case "alone":
      return settle(game, await send(game, { calls, lot }));
    case "together":
      game.story.push("at once:");
      for (const [i, server] of game.servers.entries()) server.trouble({ lot: seeded(lot + i) });
      return settle(game, await send(game, { calls, lot }));
    case "crash":
      return crash(game, { calls, lot, cut });
  }
}

type Sent = { call: Call; said?: string; value?: unknown };

async function send(game: Game, { calls, lot }: { calls: Call[]; lot: number }): Promise<Sent[]> {
  const sent = await Promise.all(
    calls.map(async (call, i): Promise<Sent> => {
      try {
        return { call, ...(await answerOf(call.send(pick(game.servers, lot + i)))) };
      } catch (error) {
        if (error instanceof Down) return { call };
        game.story.push(`  ${call.says} -> ${error}`);
        throw error;
      }
    }),
  );
  for (const { call, said } of sent) game.story.push(`  ${call.says} -> ${said ?? "no answer"}`);
  return sent;
}

/** A server goes down amid these calls; another one takes its place, and who got no answer asks again. */
async function crash(game: Game, { calls, lot, cut }: { calls: Call[]; lot: number; cut: number }): Promise<void> {
  const [falling, other] = game.servers;
  if (!falling || !other) return;
  game.story.push(`a server goes down after ${cut} statements, and who got no answer asks again:`);
  falling.trouble({ lot: seeded(lot), fallsAfter: cut });
  game.servers = [falling];
  const sent = await send(game, { calls, lot });
  await falling.background.drain();
  game.servers = [other];
  game.servers = [await game.startServer(), other];
  game.forgetFloors();
  await settle(game, sent);
  for (const { call, said } of sent) {
    if (said === undefined) await settle(game, await send(game, { calls: [call], lot }));
  }
}

/** Finds what the model makes of these calls and compares it with the tables, once what follows a commit has been done. */
async function settle(game: Game, sent: Sent[]): Promise<void> {
  for (const server of game.servers) {
    server.calm();
    await server.background.drain();
  }
  game.model = explain(game.model, { sent, facts: await game.look(), slack: game.slack });
}

/**
 * Calls that are under way at once may take effect in any order, and one without an answer may have had its effect or none; a
 * workflow's status follows soon after each. One of these histories must give every answer that was heard and what the tables hold.
 */
function explain(model: Model, world: { sent: Sent[]; facts: Facts; slack: number }): Model {
  const { facts, slack } = world;
  const isAlone = world.sent.length === 1 && world.sent[0]?.said !== undefined;
  let closest = { depth: -1, error: new Mismatch("Nothing was tried") };

  const search = (state: Model, left: Sent[], depth: number): Model | undefined => {
    try {
      if (left.length === 0) {
        rollUp(state);
        forgetQueueTimes(state);
        compare(state, facts, slack);
        return state;
      }
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      if (depth > closest.depth) closest = { depth, error };
      return undefined;
    }
    for (const next of left) {
      const rest = left.filter((one) => one !== next);
      for (const after of outcomesOf(state, next, depth)) {
        const found = search(after, rest, depth + 1);
        if (found) return found;
      }
    }
    return undefined;
  };

  function outcomesOf(state: Model, { call, said, value }: Sent, depth: number): Model[] {
    const after = structuredClone(state);
    const heard: Heard = { ...(said !== undefined && { said }), value, facts, isAlone };
    try {
      const expected = call.play(after, heard);
      forgetQueueTimes(after);
      if (said !== undefined && said !== expected) {
        throw new Mismatch(`"${call.says}" was answered with ${said}; the model has ${expected}`);
      }
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      if (depth >= closest.depth) closest = { depth, error };
      return [];
    }
    const soon = structuredClone(after);
    rollUp(soon);
    const isSame = soon.workflow.status === after.workflow.status;
    return [after, ...(isSame ? [] : [soon]), ...(said === undefined ? [structuredClone(state)] : [])];
  }

  const found = search(structuredClone(model), world.sent, 0);
  if (!found) throw closest.error;
  return found;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
