import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../tests/support/until.ts";
import type { Fetch } from "./create-client.ts";
import { type Job, runAgent } from "./index.ts";
import { procedureOf, startFactory } from "./testing.ts";

let factory: Awaited<ReturnType<typeof startFactory>>;
beforeAll(async () => {
  factory = await startFactory({ leaseSeconds: 6 });
}, 60_000);
afterAll(() => factory.remove());

const quiet = { onNotice: () => {}, drainMs: 50 };
const untilAborted = (job: Job) =>
  new Promise<void>((resolve) => job.signal.addEventListener("abort", () => resolve()));
const isHeartbeat = (url: string) => procedureOf(url) === "agents.heartbeat";
const isForRuns = (init: RequestInit | undefined) => JSON.parse(String(init?.body)).json.runs.length > 0;

test("a job ends with its lease, while the heartbeat that got no answer is still waited for", async () => {
  const seen: string[] = [];
  let isSilent = false;
  const silence: Fetch = (url, init) => {
    if (!isSilent || !isHeartbeat(url)) return fetch(url, init);
    return new Promise((_, reject) =>
      init?.signal?.addEventListener("abort", () => {
        seen.push("the heartbeat is given up");
        reject(new Error("No answer"));
      }),
    );
  };
  const agent = await factory.anAgent(
    "punctual",
    async (job) => {
      const first = job.run.leaseExpiresAt.getTime();
      await until("the lease is renewed", async () => {
        const [run] = await factory.api.runs.byTask.query({ taskId: job.task.id });
        return Number(run?.leaseExpiresAt) > first;
      });
      isSilent = true;
      await untilAborted(job);
      seen.push(job.signal.reason.message);
    },
    { ...quiet, fetch: silence },
  );
  await factory.aTask("punctual");
  await until("the job is aborted and the heartbeat given up", () => seen.length >= 2);
  expect(seen.slice(0, 2)).toEqual(["The lease could not be renewed in time", "the heartbeat is given up"]);
  await agent.stop();
});

test("an agent knows when its first lease ends though no heartbeat for it gets through", async () => {
  let reason = "";
  const agent = await factory.anAgent(
    "first",
    async (job) => {
      await untilAborted(job);
      reason ||= job.signal.reason.message;
    },
    {
      ...quiet,
      fetch: async (url, init) => {
        if (isHeartbeat(url) && isForRuns(init)) throw new TypeError("The connection was cut");
        return fetch(url, init);
      },
    },
  );
  await factory.aTask("first");
  await until("the job is aborted", () => reason);
  expect(reason).toBe("The lease could not be renewed in time");
  await agent.stop();
});

test("a long job keeps its lease beside short ones that come one after the other", async () => {
  let isOver = false;
  const work = async (job: Job) => {
    if (job.input !== "long") {
      if (!isOver) await factory.aTask("mixed");
      return "short";
    }
    const threeSecondsLater = job.run.leaseExpiresAt.getTime() + 3_000;
    await until("its first lease is long over", () => job.signal.aborted || Date.now() > threeSecondsLater);
    isOver = true;
    return "long";
  };
  const task = await factory.aTask("mixed", { input: "long" });
  await factory.aTask("mixed");
  const agent = await factory.anAgent("mixed", work, { ...quiet, concurrency: 2 });
  expect((await task.is("completed")).result).toBe("long");
  await agent.stop();
  const runs = await factory.api.runs.byTask.query({ taskId: task.id });
  expect(runs.map(({ outcome }) => outcome)).toEqual(["succeeded"]);
});

test("agents that are cut off together do not come back together, and claim nothing before they were answered", async () => {
  const count = 20;
  process.setMaxListeners(0);
  const stop = new AbortController();
  const cut = Promise.withResolvers<void>();
  const asked = new Map<number, number[]>();
  const others: string[] = [];
  const cutOff =
    (who: number): Fetch =>
    async (url) => {
      if (!isHeartbeat(url)) others.push(url);
      const times = asked.get(who) ?? [];
      asked.set(who, [...times, performance.now()]);
      if (asked.size === count) cut.resolve();
      await cut.promise;
      throw new TypeError("The connection was cut");
    };
  const options = { ...quiet, url: "http://127.0.0.1:1", token: "wfd_any", signal: stop.signal, handlers: {} };
  const agents = Array.from({ length: count }, (_, who) => runAgent({ ...options, fetch: cutOff(who) }));
  await until("each has tried again", () => [...asked.values()].filter((times) => times.length > 1).length === count);
  const again = [...asked.values()].map(([, second]) => second ?? 0);
  // They are spread over 400 ms: all of twenty within 100 ms is less than one in a billion.
  expect(Math.max(...again) - Math.min(...again)).toBeGreaterThan(100);
  stop.abort();
  await Promise.all(agents);
  expect(others).toEqual([]);
});
