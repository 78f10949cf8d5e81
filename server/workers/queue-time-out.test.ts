import { afterAll, beforeAll, expect, test } from "bun:test";
import { testOnPostgres } from "../../tests/support/only.ts";
import type { AgentCtx, PersonCtx } from "../services/context.ts";
import { failRun, releaseRun } from "../services/runs/give-up.ts";
import { claimTasks } from "../services/tasks/claim.ts";
import { createTask, createTaskInput } from "../services/tasks/create.ts";
import { explainTask } from "../services/tasks/explain.ts";
import { moveTask, moveTaskInput } from "../services/tasks/move.ts";
import { retryTask } from "../services/tasks/retry.ts";
import { auditOf, claimOne, eventsOf, sampleWorkflow } from "../services/tasks/samples.ts";
import { updateTask, updateTaskInput } from "../services/tasks/update.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { pauseWorkflow, resumeWorkflow } from "../services/workflows/pause.ts";
import { timeOutQueue } from "./queue-time-out.ts";

let host: TestHost;
let person: PersonCtx;
let agent: AgentCtx;
beforeAll(async () => {
  host = await testHost();
  person = await host.person();
  agent = await host.agent("worker", [], 1000);
});
afterAll(() => host.close());

const limited = { key: "a", queueTtlSeconds: 60 };
const letPass = (id: string, seconds: number) =>
  host.db.query(
    `update tasks set queue_expires_at = queue_expires_at - make_interval(secs => $2),
       queue_after = queue_after - make_interval(secs => $2) where id = $1`,
    [id, seconds],
  );
const secondsLeft = async (id: string) => {
  const [row] = await host.db.query<{ left: number | null }>(
    "select extract(epoch from queue_expires_at - now())::float as left from tasks where id = $1",
    [id],
  );
  return row?.left ?? null;
};

test("a task that no agent takes in time fails with a reason of its own, audited and announced", async () => {
  const { workflow, id, task } = await sampleWorkflow(person, [limited, { key: "b" }]);
  await letPass(id("a"), 50);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("pending");

  await letPass(id("a"), 11);
  await timeOutQueue(host);
  await host.background.drain();
  expect(await task("a")).toMatchObject({
    status: "failed",
    attempt: 0,
    failureReason: "Timed out in the queue: no agent took it within 60 s",
    completedAt: expect.any(Date),
  });
  expect((await task("b")).status).toBe("pending");
  expect((await auditOf(person, id("a"))).at(-1)).toMatchObject({
    action: "queue_timed_out",
    actor: "System",
    reason: "Timed out in the queue: no agent took it within 60 s",
    changes: { status: { before: "pending", after: "failed" } },
  });
  expect((await eventsOf(person, id("a"))).at(-1)).toMatchObject({ type: "task_update" });
  const announced = host.announced.filter((event) => event.entityId === id("a"));
  expect(JSON.parse(announced.at(-1)?.json ?? "")).toMatchObject({ status: "failed" });
  const { reasons } = await explainTask(person, { id: id("a") });
  expect(reasons[0]).toMatchObject({
    code: "failed",
    sentence: "It failed: Timed out in the queue: no agent took it within 60 s",
  });
  const [row] = await host.db.query("select status, task_counts from workflows where id = $1", [workflow.id]);
  expect(row).toMatchObject({ status: "running", task_counts: { pending: 1, failed: 1 } });
});

test("a waiting task says when its time is over", async () => {
  const { id } = await sampleWorkflow(person, [limited]);
  const { moving, reasons } = await explainTask(person, { id: id("a") });
  expect(moving).toBe(true);
  const limit = reasons.find(({ code }) => code === "queue_time_out");
  expect(limit?.sentence).toMatch(/^It fails at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC unless an agent takes it before\.$/);
  expect(limit?.data).toMatchObject({ at: expect.any(Date), seconds: 60 });
});

test("the clock stands still while the task waits for others, and starts when it is released", async () => {
  const { id, task } = await sampleWorkflow(person, [{ key: "first" }, { ...limited, dependsOn: ["first"] }]);
  await letPass(id("a"), 1000);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("pending");
  expect((await explainTask(person, { id: id("a") })).reasons.map(({ code }) => code)).not.toContain("queue_time_out");

  await moveTask(person, moveTaskInput.parse({ id: id("first"), status: "completed" }));
  expect(await secondsLeft(id("a"))).toBeGreaterThan(50);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("pending");
});

test("a pause stops the clock, and resuming starts it anew", async () => {
  const { workflow, id, task } = await sampleWorkflow(person, [limited]);
  await pauseWorkflow(person, { id: workflow.id });
  await letPass(id("a"), 1000);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("pending");
  await resumeWorkflow(person, { id: workflow.id });
  expect(await secondsLeft(id("a"))).toBeGreaterThan(50);
});

test("every attempt has the whole time, from the end of its back-off", async () => {
  const { workflow, id, task } = await sampleWorkflow(person, [limited]);
  const { run } = await claimOne(agent, workflow.id);
  await letPass(id("a"), 1000);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("in_progress");

  const lease = { runId: run.id, leaseToken: run.leaseToken };
  const { queueAfter } = await failRun(agent, { ...lease, error: "No", retryable: true });
  const again = await task("a");
  expect(Number(again.queueExpiresAt) - Number(queueAfter)).toBe(60_000);

  await host.db.query("update tasks set queue_after = null where id = $1", [id("a")]);
  const second = await claimOne(agent, workflow.id);
  await letPass(id("a"), 1000);
  await releaseRun(agent, { runId: second.run.id, leaseToken: second.run.leaseToken });
  expect(await secondsLeft(id("a"))).toBeGreaterThan(50);
});

test("a person's retry gives the whole time again", async () => {
  const { workflow, id, task } = await sampleWorkflow(person, [limited, { key: "keeps the workflow running" }]);
  await letPass(id("a"), 61);
  await timeOutQueue(host);
  expect((await task("a")).status).toBe("failed");
  await retryTask(person, { id: id("a") });
  expect(await secondsLeft(id("a"))).toBeGreaterThan(50);
  await timeOutQueue(host);
  expect(await claimTasks(agent, { max: 2, waitMs: 0, workflowId: workflow.id })).toHaveLength(2);
});

test("a limit that is set, changed or taken away later counts from then", async () => {
  const { id, task } = await sampleWorkflow(person, [{ key: "a" }]);
  const change = (queueTtlSeconds: string) =>
    updateTask(person, updateTaskInput.parse({ id: id("a"), queueTtlSeconds }));
  expect((await task("a")).queueExpiresAt).toBeNull();
  await change("100");
  expect(await secondsLeft(id("a"))).toBeGreaterThan(90);
  await letPass(id("a"), 95);
  await change("200");
  expect(await secondsLeft(id("a"))).toBeGreaterThan(190);
  await change("");
  expect(await task("a")).toMatchObject({ queueTtlSeconds: null, queueExpiresAt: null });
});

test("a task that is added with a limit has it, and what waits for it says that it failed", async () => {
  const { workflow } = await sampleWorkflow(person, []);
  const add = (fields: object) =>
    createTask(person, createTaskInput.parse({ workflowId: workflow.id, name: "Added", ...fields }));
  const first = await add({ queueTtlSeconds: 60 });
  const second = await add({ queueTtlSeconds: 60, dependsOn: [first.id] });
  expect(await secondsLeft(first.id)).toBeGreaterThan(50);
  await letPass(first.id, 61);
  await timeOutQueue(host);
  const { reasons } = await explainTask(person, { id: second.id });
  expect(reasons[0]?.sentence).toStartWith("Waits for: Added, which has failed.");
});

test("under fail fast the workflow fails in the same moment, and nothing else of it is handed out", async () => {
  const { workflow, id } = await sampleWorkflow(person, [limited, { key: "b" }], { failurePolicy: "fail_fast" });
  await letPass(id("a"), 61);
  await timeOutQueue(host);
  const ends = await host.db.query(
    "select entity_type, request_id from audit_logs where workflow_id = $1 and changes -> 'status' ->> 'after' = 'failed' order by seq",
    [workflow.id],
  );
  expect(ends).toMatchObject([{ entity_type: "task" }, { entity_type: "workflow" }]);
  expect(new Set(ends.map((row) => (row as { request_id: string }).request_id)).size).toBe(1);
  expect(await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id })).toEqual([]);
});

test("of a claim and the time-out in the same moment one wins, wholly", async () => {
  for (let round = 0; round < 15; round++) {
    const { workflow, id, task } = await sampleWorkflow(person, [limited]);
    await letPass(id("a"), 61);
    const [claims] = await Promise.all([
      claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id }),
      timeOutQueue(host),
      timeOutQueue(host),
    ]);
    const { status } = await task("a");
    expect(status).toBe(claims.length === 1 ? "in_progress" : "failed");
    const actions = (await auditOf(person, id("a"))).map(({ action }) => action);
    expect(actions).toEqual(["created", claims.length === 1 ? "claimed" : "queue_timed_out"]);
  }
});

testOnPostgres("a task whose row a claim holds at this moment is left to the claim", async () => {
  const { id, task } = await sampleWorkflow(person, [limited]);
  await letPass(id("a"), 61);
  await host.db.transaction(async (tx) => {
    await tx.query("select id from tasks where id = $1 for no key update", [id("a")]);
    await timeOutQueue(host);
  });
  expect((await task("a")).status).toBe("pending");
});

test("the sweep looks only at tasks with a limit that wait", async () => {
  const { workflow } = await sampleWorkflow(person, [limited]);
  await host.db.query(
    `insert into tasks (id, workflow_id, name, position)
     select gen_random_uuid(), $1, 'Filler', 'a' || n from generate_series(1, 5000) as g(n)`,
    [workflow.id],
  );
  await host.db.query("analyze tasks");
  const plan = await host.db.query<object>(
    `explain select id from tasks where status = 'pending' and ready and queue_expires_at <= now()
     order by queue_expires_at limit 100`,
  );
  expect(JSON.stringify(plan)).toContain("idx_tasks_queue_expires_at");
});
