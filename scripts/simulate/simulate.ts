import { sleep } from "../../client/backoff.ts";
import { seeded } from "../../tests/support/seeded.ts";
import type { Profile } from "./agent.ts";
import type { Factory } from "./factory.ts";
import { Ledger } from "./ledger.ts";
import { createWork, planWork } from "./load.ts";
import type { Options } from "./options.ts";
import { decide } from "./people.ts";
import { type ProfileName, profileOf, profiles } from "./profiles.ts";
import { selfCheck, type Verdict } from "./self-check.ts";
import { Tap } from "./tap.ts";

type Api = Factory["api"];

const registerAtOnce = 50;
const tickMs = 5_000;
const pollMs = 500;
/** Longer than a lease of the default length, the sweep and the longest back-off of three attempts together. */
const patienceMs = 90_000;

export interface Simulation {
  tap: Tap;
  agents: Map<ProfileName, number>;
  seconds: number;
  verdict: Verdict;
  /** Bytes that the process holds, before there was an agent and when all had done their work. */
  memory: { before: number; after: number };
}

interface Watch {
  /** Ends it early; the records are checked all the same. */
  signal: AbortSignal;
  say?(line: string): void;
  onTick?(tap: Tap): void;
}

/** Sends agents to work, creates tasks, waits until all have come to their end, and checks the factory's records. */
export async function simulate(
  { url, api, isShared }: Factory,
  { agents, profile, seed, load }: Pick<Options, "agents" | "profile" | "seed" | "load">,
  { signal, say = () => {}, onTick = () => {} }: Watch,
): Promise<Simulation> {
  const capability = `simulated-${crypto.randomUUID().slice(0, 8)}`;
  const tap = new Tap(new Ledger());
  const before = process.memoryUsage.rss();
  const cast = (await register(api, agents, capability)).map((one, i) => ({ ...one, profile: profileOf(profile, i) }));
  const ids = new Set(cast.map(({ agent }) => agent.id));
  const over = new AbortController();
  const end = AbortSignal.any([over.signal, signal]);
  const start = performance.now();
  const ticking = setInterval(() => onTick(tap), tickMs);
  const team = startAgents(cast, { url, capability, seed, tap, signal: end });
  const people = decide(api, { agents: ids, random: seeded(seed + agents + 1), signal: end });
  try {
    const work = planWork(load.tasks, { capability, random: seeded(seed) });
    await createWork(api, work, { ...load, ledger: tap.ledger, signal: end });
    const count = tap.ledger.tasks.size;
    say(signal.aborted ? "Stopping" : `${count} tasks are created; waiting until each has come to its end`);
    const outcome = await settle(api, tap, { capability, signal });
    await team.absent();
    const seconds = (performance.now() - start) / 1000;
    const memory = { before, after: process.memoryUsage.rss() };
    over.abort();
    clearInterval(ticking);
    const faults = await team.ended();
    await people;
    say("Checking the factory's records");
    const verdict = await selfCheck(api, tap.ledger, { isStuck: outcome === "stuck" });
    verdict.violations.push(...faults);
    return { tap, agents: countBy(cast.map((one) => one.profile)), seconds, verdict, memory };
  } finally {
    over.abort();
    clearInterval(ticking);
    if (isShared) await tidyUp(api, { agents: ids, capability });
  }
}

type Cast = { agent: { name: string }; token: string; profile: ProfileName }[];

/** Each agent in its way; one that cannot go on is a fault. */
function startAgents(
  cast: Cast,
  {
    url,
    capability,
    seed,
    tap,
    signal,
  }: { url: string; capability: string; seed: number; tap: Tap; signal: AbortSignal },
) {
  // Each of them listens for the end of the process.
  process.setMaxListeners(0);
  const absent = new Set<Promise<void>>();
  const late = (work: Promise<void>) => {
    absent.add(work);
    return work.finally(() => absent.delete(work));
  };
  const faults: string[] = [];
  const working = cast.map(async ({ agent: { name }, token, profile }, i) => {
    const perform: Profile = profiles[profile];
    const fetch = tap.fetchFor(name, profile);
    try {
      await perform({ name, url, token, fetch, random: seeded(seed + i + 1), signal, capability, late });
    } catch (error) {
      faults.push(`${name} (${profile}) gave up: ${error}`);
    }
  });
  return {
    /** Resolves when everybody who is away has been back. */
    absent: () => Promise.allSettled(absent),
    ended: async () => {
      await Promise.all(working);
      return faults;
    },
  };
}

async function register(api: Api, count: number, capability: string) {
  const registered: Awaited<ReturnType<Api["agents"]["create"]["mutate"]>>[] = [];
  while (registered.length < count) {
    const batch = Array.from({ length: Math.min(registerAtOnce, count - registered.length) }, (_, i) => ({
      name: `${capability}-${registered.length + i + 1}`,
      capabilities: [capability],
      // Room for runs that it has dropped and that the factory has not taken back yet.
      maxConcurrent: 4,
    }));
    registered.push(...(await Promise.all(batch.map((agent) => api.agents.create.mutate(agent)))));
  }
  return registered;
}

/** Waits until no workflow of the simulation runs any more, or nothing has moved for long. */
async function settle(
  api: Api,
  tap: Tap,
  { capability, signal }: { capability: string; signal: AbortSignal },
): Promise<"ended" | "stuck" | "stopped"> {
  const moves = () => tap.ledger.claims.size + tap.ledger.completions.length + tap.ledger.refusals.length;
  let known = moves();
  for (let since = performance.now(); performance.now() - since < patienceMs; ) {
    if (signal.aborted) return "stopped";
    const running = { status: "running", search: capability, limit: 1 } as const;
    // A factory that is away is asked again.
    const open = await api.workflows.list.query(running).catch(() => undefined);
    if (open?.items.length === 0) return "ended";
    if (moves() > known) since = performance.now();
    known = moves();
    await sleep(pollMs, signal);
  }
  return "stuck";
}

/** Leaves nothing open behind: no agents, and no tasks that nobody else can do. */
async function tidyUp(api: Api, { agents, capability }: { agents: Set<string>; capability: string }): Promise<void> {
  const running = { status: "running", search: capability, limit: 200 } as const;
  for (;;) {
    const { items } = await api.workflows.list.query(running);
    if (items.length === 0) break;
    for (const { id } of items) await api.workflows.cancel.mutate({ id });
  }
  for (const id of agents) await api.agents.archive.mutate({ id, force: true });
}

function countBy<Key>(keys: Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
