import { afterAll, beforeAll, expect, test } from "bun:test";
import { runAgent } from "../../client/index.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { Ledger } from "../../scripts/simulate/ledger.ts";
import { selfCheck } from "../../scripts/simulate/self-check.ts";
import { Tap } from "../../scripts/simulate/tap.ts";
import { startInstances } from "../support/instances.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

const agentCount = 50;
const taskCount = 1_000;
/**
 * No figure: how long a claim waits on a busy machine is for `bun run bench` to say. It tells a stall from noise, since an
 * agent that nobody wakes waits for the 25 s that its claim is held open, and one whose answer is lost for its lease of a minute.
 */
const stallMs = 10_000;

let factory: Awaited<ReturnType<typeof startInstances>>;
let db: Database;
beforeAll(async () => {
  factory = await startInstances(2);
  db = await openDatabase({ url: factory.databaseUrl, poolSize: 1 });
}, 60_000);
afterAll(async () => {
  await db.close();
  await factory.close();
});

test("50 agents at two instances do 1,000 tasks, each once, and none is left waiting", async () => {
  const api = personClient(factory.at(0).url, await signIn(factory.at(0).url));
  const tap = new Tap(new Ledger());
  const { ledger } = tap;
  const team = await startTeam(api, tap);
  await until("all agents are there and wait for work", async () => {
    const { items } = await api.agents.list.query({ limit: 200 });
    return items.filter(({ status }) => status === "online").length === agentCount;
  });

  const roundTrips = measureRoundTrips();
  const tasks = Array.from({ length: taskCount }, (_, i) => ({ key: String(i), name: `Task ${i}` }));
  const workflow = await api.workflows.create.mutate({ name: "Many", tasks });
  for (const { id, key } of workflow.tasks) ledger.created(id, key, []);
  await until("all tasks are completed", () => ledger.completions.length >= taskCount, 50);
  await team.stop();

  const claimed = [...ledger.claims.values()];
  expect(claimed).toHaveLength(taskCount);
  expect(new Set(claimed.map(({ taskId }) => taskId)).size).toBe(taskCount);
  expect([...tap.errors]).toEqual([]);
  expect(ledger.refusals).toEqual([]);
  for (const instance of ["instance-0", "instance-1"]) {
    expect(tap.byProfile.get(instance)?.completions).toBeGreaterThan(taskCount / 10);
  }
  const longest = { claim: Math.max(...tap.times.claim), completion: Math.max(...tap.times.complete) };
  const said = Object.entries({ ...longest, "bare round trip": await roundTrips.stop() });
  console.log(`The longest: ${said.map(([what, ms]) => `${what} ${Math.round(ms)} ms`).join(", ")}`);
  expect(longest.claim).toBeLessThan(stallMs);
  expect(longest.completion).toBeLessThan(stallMs);
  // A deadlock costs those in it a second, until the database notices.
  expect(await deadlocks()).toBe(0);
  expect((await selfCheck(api, ledger)).violations).toEqual([]);
}, 60_000);

/** Half of the agents at each instance. */
async function startTeam(api: ReturnType<typeof personClient>, tap: Tap) {
  process.setMaxListeners(0);
  const stop = new AbortController();
  const names = Array.from({ length: agentCount }, (_, i) => `agent-${i}`);
  const made = await Promise.all(names.map((name) => api.agents.create.mutate({ name })));
  const working = made.map(({ agent: { name }, token }, i) =>
    runAgent({
      url: factory.at(i % 2).url,
      token,
      fetch: tap.fetchFor(name, `instance-${i % 2}`),
      signal: stop.signal,
      handlers: { "*": (job) => ({ by: name, run: job.run.id }) },
    }),
  );
  return {
    stop: () => {
      stop.abort();
      return Promise.all(working);
    },
  };
}

/** Asks the database for nothing, over and over; `stop` answers with the longest time that it took. */
function measureRoundTrips() {
  let isOver = false;
  let longest = 0;
  const measuring = (async () => {
    while (!isOver) {
      const start = performance.now();
      await db.query("select 1");
      longest = Math.max(longest, performance.now() - start);
      await Bun.sleep(10);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await measuring;
      return longest;
    },
  };
}

async function deadlocks(): Promise<number | undefined> {
  const [row] = await db.query<{ count: number }>(
    "select deadlocks::int as count from pg_stat_database where datname = current_database()",
  );
  return row?.count;
}
