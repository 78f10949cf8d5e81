import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../tests/support/until.ts";
import { createClient, handler, type Job, NonRetryable, runAgent } from "./index.ts";
import { startFactory } from "./testing.ts";

let factory: Awaited<ReturnType<typeof startFactory>>;
let api: typeof factory.api;
let anAgent: typeof factory.anAgent;
let aTask: typeof factory.aTask;
beforeAll(async () => {
  factory = await startFactory();
  ({ api, anAgent, aTask } = factory);
}, 60_000);
afterAll(() => factory.remove());

test("a job is claimed, reports, and its result is kept", async () => {
  const agent = await anAgent("count", async (job) => {
    await job.progress(50, "half way");
    job.log("one");
    job.log("two", "warn");
    await job.artifact({ name: "note.md", mime: "text/markdown", content: "# Note" });
    return { sum: (job.input as number[]).reduce((a, b) => a + b) };
  });
  const task = await aTask("count", { input: [1, 2, 3] });
  expect((await task.is("completed")).result).toEqual({ sum: 6 });
  const [run] = await api.runs.byTask.query({ taskId: task.id });
  expect(run).toMatchObject({ outcome: "succeeded", artifacts: [{ name: "note.md", late: false }] });
  const { items } = await api.runs.logs.query({ runId: run?.id ?? "" });
  expect(items.map((line) => [line.level, line.text])).toEqual([
    ["info", "one"],
    ["warn", "two"],
  ]);
  await agent.stop();
});

test("a summary is handed in with the result", async () => {
  const agent = await anAgent("sum-up", (job) => {
    job.summary("Looking");
    job.summary("Found **three** files");
    return { files: 3 };
  });
  const task = await aTask("sum-up");
  expect(await task.is("completed")).toMatchObject({ result: { files: 3 }, summary: "Found **three** files" });
  await agent.stop();
});

test.each([
  ["big", 1_100_000, "Keep the result to 1,000,000 characters"],
  ["huge", 11_000_000, "too big"],
])("a result that is too %s fails the task at once and says so", async (size, length, words) => {
  let tries = 0;
  const agent = await anAgent(size, () => {
    tries++;
    return "x".repeat(length);
  });
  const task = await aTask(size);
  expect((await task.is("failed")).failureReason).toContain(words);
  expect(tries).toBe(1);
  await agent.stop();
});

test("a result that is no JSON fails the task at once and says so", async () => {
  let tries = 0;
  const agent = await anAgent("circle", () => {
    tries++;
    const circle: { self?: object } = {};
    circle.self = circle;
    return circle;
  });
  const task = await aTask("circle", { maxAttempts: 3 });
  expect((await task.is("failed")).failureReason).toContain("cannot be written as JSON");
  expect(tries).toBe(1);
  await agent.stop();
});

test("a failure is told whatever its words hold", async () => {
  const agent = await anAgent("mumble", () => {
    throw new NonRetryable(`Byte \u0000 here, ${"x".repeat(9_985)}😀 there`);
  });
  const task = await aTask("mumble");
  expect((await task.is("failed")).failureReason).toStartWith("Byte � here");
  await agent.stop();
});

test("a file that is too big in bytes fails the task at once, by its name", async () => {
  let tries = 0;
  const agent = await anAgent("wide", async (job) => {
    tries++;
    await job.artifact({ name: "wide.txt", mime: "text/plain", content: "語".repeat(4_000_000) });
  });
  const task = await aTask("wide");
  expect((await task.is("failed")).failureReason).toBe(
    "The artifact wide.txt has 12,000,000 bytes as it is sent. Keep an artifact to 4,000,000, or hand in a URL.",
  );
  expect(tries).toBe(1);
  await agent.stop();
});

test("log lines that the factory refuses are told of, and the task goes on", async () => {
  const errors: unknown[] = [];
  const agent = await anAgent(
    "chat",
    async (job) => {
      job.log("said", "loud" as "info");
      await until("it is told", () => errors.length > 0);
      job.log("heard");
      return "done";
    },
    { onError: (error) => errors.push(error) },
  );
  const task = await aTask("chat");
  await task.is("completed");
  expect(errors.map(String)).toEqual([expect.stringContaining("1 log lines of “The task” are lost")]);
  const [run] = await api.runs.byTask.query({ taskId: task.id });
  const { items } = await api.runs.logs.query({ runId: run?.id ?? "" });
  expect(items.map((line) => line.text)).toEqual(["heard"]);
  await agent.stop();
});

test("input that does not fit the handler's schema fails the task at once, with the schema's message", async () => {
  const { z } = await import("zod");
  const agent = await anAgent(
    "typed",
    handler({ input: z.object({ path: z.string() }), run: (job) => job.input.path }),
  );
  const task = await aTask("typed", { input: { path: 5 } });
  expect((await task.is("failed")).failureReason).toContain("expected string");
  await agent.stop();
});

test("a handler that throws is retried, and one that says it is pointless is not", async () => {
  let tries = 0;
  const agent = await anAgent("shaky", () => {
    tries++;
    throw new NonRetryable("There is no such file");
  });
  const task = await aTask("shaky");
  expect((await task.is("failed")).failureReason).toBe("There is no such file");
  expect(tries).toBe(1);
  await agent.stop();
});

test("cancelling a task aborts the job's signal, and nothing is reported afterwards", async () => {
  let job: Job | undefined;
  const agent = await anAgent("slow", async (current) => {
    job = current;
    await new Promise((resolve) => current.signal.addEventListener("abort", resolve));
    return "too late";
  });
  const task = await aTask("slow");
  await until("the job has begun", () => job);
  await api.tasks.cancel.mutate({ id: task.id });
  await until("the signal aborts", () => job?.signal.aborted);
  await agent.stop();
  const cancelled = await task.is("cancelled");
  expect(cancelled.result).toBeNull();
});

test("an agent asks, waits for a person's decision and obeys it", async () => {
  const agent = await anAgent("ask", async (job) => {
    const decided = await job.suggest({
      action: "Delete the folder",
      reasoning: "It is empty",
      confidence: 0.7,
      wait: true,
    });
    return { decision: decided.status, note: decided.decisionNote };
  });
  const task = await aTask("ask");
  const open = await until("the suggestion waits", async () => {
    const { items } = await api.suggestions.list.query({ taskId: task.id, status: "pending" });
    return items[0];
  });
  await api.suggestions.reject.mutate({ id: open.id, reason: "Keep it" });
  expect((await task.is("completed")).result).toEqual({ decision: "rejected", note: "Keep it" });
  await agent.stop();
});

test("comments from before and during a job reach it, each once, and are seen by their authors", async () => {
  let job: Job | undefined;
  let finish = () => {};
  const task = await aTask("listen");
  const say = (text: string) => api.comments.create.mutate({ taskId: task.id, text });
  await say("Before");
  const agent = await anAgent("listen", async (current) => {
    job = current;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  await until("the job has begun", () => job);
  expect(job?.context.comments.map(({ text }) => text)).toEqual(["Before"]);
  const during = await say("Durign");
  await until("it was given the comment", () => job?.comments.length === 1);
  await api.comments.update.mutate({ id: during.id, text: "During" });
  await until("it was given the new words", () => job?.comments[0]?.text === "During");
  await until("both are seen", async () => {
    const { items } = await api.comments.list.query({ taskId: task.id });
    return items.every(({ deliveredAt, seenAt }) => deliveredAt && seenAt);
  });
  expect(job?.comments.map(({ text }) => text)).toEqual(["During"]);
  finish();
  await task.is("completed");
  await agent.stop();
});

test("two agents share twenty tasks and never the same one", async () => {
  const doneBy = new Map<string, number>();
  const work = async (job: Job) => {
    doneBy.set(job.task.id, (doneBy.get(job.task.id) ?? 0) + 1);
  };
  const agents = [await anAgent("share", work, { concurrency: 4 }), await anAgent("share", work, { concurrency: 4 })];
  const tasks = Array.from({ length: 20 }, (_, i) => ({
    key: `k${i}`,
    name: `Task ${i}`,
    requiredCapabilities: ["share"],
  }));
  const workflow = await api.workflows.create.mutate({ name: "Shared", tasks });
  await until("all is done", async () => (await api.workflows.byId.query({ id: workflow.id })).status === "completed");
  expect([...doneBy.values()]).toEqual(Array(20).fill(1));
  for (const agent of agents) await agent.stop();
});

test("a stopped agent hands its unfinished task back", async () => {
  let began = false;
  const never = async (job: Job) => {
    began = true;
    await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
  };
  const agent = await anAgent("handback", never, { drainMs: 50 });
  const task = await aTask("handback");
  await until("the job has begun", () => began);
  await agent.stop();
  expect(await task.is("pending")).toMatchObject({ attempt: 0 });
});

test("a token that ends in the middle of a job aborts it at once, and the agent ends with the factory's words", async () => {
  const { agent, token } = await api.agents.create.mutate({ name: "Rotated", capabilities: ["outlast"] });
  let job: Job | undefined;
  const done = runAgent({
    url: factory.url,
    token,
    handlers: {
      outlast: async (current) => {
        job = current;
        await new Promise((resolve) => current.signal.addEventListener("abort", resolve));
      },
    },
  });
  const ended = done.catch((error: Error) => error.message);
  await aTask("outlast");
  await until("the job has begun", () => job);
  await api.agents.rotateToken.mutate({ id: agent.id });
  expect(await ended).toContain("valid agent token");
  expect(job?.signal.reason.message).toContain("The factory refuses this agent");
});

test("a wrong token is refused with words that say what to do", async () => {
  const client = createClient({ url: factory.url, token: "wfd_wrong" });
  await expect(client.tasks.claim.mutate({})).rejects.toThrow("token");
  await expect(runAgent({ url: factory.url, token: "wfd_wrong", handlers: {} })).rejects.toThrow("token");
});

test("an address or a token that is missing is said in words", () => {
  expect(() => createClient({ url: "127.0.0.1:3000", token: "wfd_any" })).toThrow("such as http://");
  expect(() => createClient({ url: factory.url, token: "" })).toThrow("token is missing");
});
