import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { findWorkflow } from "../workflows/find.ts";
import { removeWorkflow } from "../workflows/remove.ts";
import { assignTask } from "./assign.ts";
import { cancelTask } from "./cancel.ts";
import { claimTasks } from "./claim.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { removeTask, restoreTask } from "./remove.ts";
import { retryTask } from "./retry.ts";
import { auditOf, claimOne, eventsOf, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const lastAction = async (id: string) => (await auditOf(ctx, id)).at(-1)?.action;
const lastEvent = async (id: string) => (await eventsOf(ctx, id)).at(-1);

test("a task kept for one agent goes to that agent only", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  const [mine, other] = [await host.agent(), await host.agent()];
  const task = await assignTask(ctx, { id: id("a"), agentId: mine.actor.id });
  expect(task.assignedAgentId).toBe(mine.actor.id);
  expect(await lastAction(id("a"))).toBe("assigned");
  expect(await claimTasks(other, { max: 1, waitMs: 0, workflowId: workflow.id })).toEqual([]);
  expect((await claimOne(mine, workflow.id)).task.id).toBe(id("a"));
});

test("nobody is assigned to a task that is done, nor an agent that is not there", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }]);
  await expect(assignTask(ctx, { id: id("a"), agentId: crypto.randomUUID() })).rejects.toThrow("no such agent");
  await moveTask(ctx, moveTaskInput.parse({ id: id("a"), status: "completed" }));
  const agent = await host.agent();
  await expect(assignTask(ctx, { id: id("a"), agentId: agent.actor.id })).rejects.toMatchObject({ reason: "terminal" });
});

test("cancel ends the run of the agent, and what waits for the task goes on waiting", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  await claimOne(await host.agent(), workflow.id);
  await cancelTask(ctx, { id: id("a"), reason: "Not needed" });
  expect(await task("a")).toMatchObject({ status: "cancelled", currentRunId: null, failureReason: "Not needed" });
  expect(await task("b")).toMatchObject({ ready: false, unmetDependencies: 1 });
  expect(await host.db.query("select outcome from task_runs where task_id = $1", [id("a")])).toEqual([
    { outcome: "cancelled" },
  ]);
  expect(await lastAction(id("a"))).toBe("cancelled");
});

test("retry gives back all attempts and keeps the runs; only what failed or was cancelled can be retried", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await expect(retryTask(ctx, { id: id("a") })).rejects.toMatchObject({ reason: "invalid_transition" });
  await claimOne(await host.agent(), workflow.id);
  await moveTask(ctx, moveTaskInput.parse({ id: id("a"), status: "failed", force: true }));
  await host.background.drain();
  expect((await findWorkflow(host.db, workflow.id)).status).toBe("failed");

  const task = await retryTask(ctx, { id: id("a") });
  expect(task).toMatchObject({ status: "pending", attempt: 0, failureReason: null, queueAfter: null });
  expect(await host.db.query("select attempt from task_runs where task_id = $1", [id("a")])).toHaveLength(1);
  await host.background.drain();
  expect((await findWorkflow(host.db, workflow.id)).status).toBe("running");
  expect((await claimOne(await host.agent(), workflow.id)).run.attempt).toBe(1);
});

test("remove asks before it ends a run; what waited for the task is released, and waits again when it is restored", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  await claimOne(await host.agent(), workflow.id);
  await expect(removeTask(ctx, { id: id("a"), force: false })).rejects.toMatchObject({ reason: "has_live_run" });

  await removeTask(ctx, { id: id("a"), force: true });
  expect(await lastEvent(id("a"))).toMatchObject({ type: "task_deleted", data: { json: { id: id("a") } } });
  expect(await task("b")).toMatchObject({ ready: true, unmetDependencies: 0 });
  await expect(removeTask(ctx, { id: id("a"), force: false })).rejects.toThrow("no such task");

  const restored = await restoreTask(ctx, { id: id("a") });
  expect(restored).toMatchObject({ status: "pending", deletedAt: null, ready: true });
  expect(await task("b")).toMatchObject({ ready: false, unmetDependencies: 1 });
  expect(await lastAction(id("a"))).toBe("restored");
  expect(await lastEvent(id("a"))).toMatchObject({ type: "task_update" });
});

test("a task is not restored into a workflow that is in the bin", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await removeTask(ctx, { id: id("a"), force: false });
  await removeWorkflow(ctx, { id: workflow.id, force: false });
  await expect(restoreTask(ctx, { id: id("a") })).rejects.toThrow("Restore the workflow first");
});
