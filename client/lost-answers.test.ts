import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../tests/support/until.ts";
import { losesAnswers, procedureOf, startFactory } from "./testing.ts";

let factory: Awaited<ReturnType<typeof startFactory>>;
beforeAll(async () => {
  factory = await startFactory();
}, 60_000);
afterAll(() => factory.remove());

const quiet = { onNotice: () => {} };

test("log lines, a file and a result whose answers are lost are there once", async () => {
  const { api, anAgent, aTask } = factory;
  const agent = await anAgent(
    "repeat",
    async (job) => {
      job.log("one");
      job.log("two");
      await job.artifact({ name: "note.md", mime: "text/markdown", content: "# Note" });
      job.log("three");
      return "done";
    },
    { ...quiet, fetch: losesAnswers("runs.log", "runs.artifact", "runs.complete") },
  );
  const task = await aTask("repeat");
  await task.is("completed");
  await agent.stop();
  const [run] = await api.runs.byTask.query({ taskId: task.id });
  expect(run?.artifacts.map(({ name }) => name)).toEqual(["note.md"]);
  const { items } = await api.runs.logs.query({ runId: run?.id ?? "" });
  expect(items.map(({ text }) => text)).toEqual(["one", "two", "three"]);
});

test("a claim that the stop cut off is asked for once more by its key, and handed back", async () => {
  const { anAgent, aTask } = factory;
  const asked: { max?: number; waitMs?: number; idempotencyKey?: string }[] = [];
  const agent = await anAgent(
    "cut",
    () => {
      throw new Error("Nobody heard of this task");
    },
    {
      ...quiet,
      async fetch(url, init) {
        if (procedureOf(url) !== "tasks.claim") return fetch(url, init);
        asked.push(JSON.parse(String(init?.body)).json);
        const { signal, ...rest } = init ?? {};
        const answer = fetch(url, rest);
        return asked.length > 1
          ? answer
          : new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    },
  );
  const task = await aTask("cut");
  await task.is("in_progress");
  await agent.stop();
  expect(await task.is("pending")).toMatchObject({ attempt: 0 });
  expect(asked).toHaveLength(2);
  expect(asked[0]?.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  expect(asked[1]).toMatchObject({ max: 0, waitMs: 0 });
  expect(asked[1]?.idempotencyKey).toBe(asked[0]?.idempotencyKey);
});

test("a claim whose answer is lost is asked for again with its key, and the next claim has another", async () => {
  const { anAgent } = factory;
  const keys: string[] = [];
  const lose = losesAnswers("tasks.claim");
  const agent = await anAgent("again", () => "done", {
    ...quiet,
    fetch(url, init) {
      if (procedureOf(url) === "tasks.claim") keys.push(JSON.parse(String(init?.body)).json.idempotencyKey);
      return lose(url, init);
    },
  });
  const task = await factory.aTask("again");
  await until("it has claimed anew", () => new Set(keys).size > 1);
  expect([keys.length, keys[0] === keys[1]]).toEqual([3, true]);
  await task.is("completed");
  await agent.stop();
});
