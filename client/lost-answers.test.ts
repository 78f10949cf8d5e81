import { afterAll, beforeAll, expect, test } from "bun:test";
import { losesAnswers, startFactory } from "./testing.ts";

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
