import { afterAll, beforeAll, expect, test } from "bun:test";
import { testOnPostgres } from "../../../tests/support/only.ts";
import { until } from "../../../tests/support/until.ts";
import type { Ctx } from "../context.ts";
import { createSuggestion } from "../suggestions/create.ts";
import { claimTasks } from "../tasks/claim.ts";
import { moveTask, moveTaskInput } from "../tasks/move.ts";
import { retryTask } from "../tasks/retry.ts";
import { auditOf, claimOne, eventsOf, sampleWorkflow } from "../tasks/samples.ts";
import { updateTask } from "../tasks/update.ts";
import { type TestHost, testHost } from "../testing.ts";
import { readWorkflow, readWorkflowGraph } from "./by-id.ts";
import { cancelWorkflow } from "./cancel.ts";
import { findWorkflow } from "./find.ts";
import { listWorkflows, listWorkflowsInput } from "./list.ts";
import { pauseWorkflow, resumeWorkflow } from "./pause.ts";
import { removeWorkflow, restoreWorkflow } from "./remove.ts";
import { retryWorkflow } from "./retry.ts";
import { updateWorkflow, updateWorkflowInput } from "./update.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const move = (input: Record<string, unknown>) => moveTask(ctx, moveTaskInput.parse(input));
const actions = async (id: string) => (await auditOf(ctx, id)).map((trace) => trace.action);

test("pause stops new claims and lets the agent finish; resume lets go on", async () => {
  const { workflow, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }]);
  const agent = await host.agent(undefined, [], 5);
  await claimOne(agent, workflow.id);
  const paused = await pauseWorkflow(ctx, { id: workflow.id });
  expect(paused).toMatchObject({ status: "paused", pausedByName: "Test operator", pausedAt: expect.any(Date) });
  expect(await task("a")).toMatchObject({ status: "in_progress" });
  expect(await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id })).toEqual([]);

  expect(await resumeWorkflow(ctx, { id: workflow.id })).toMatchObject({ status: "running", pausedAt: null });
  expect((await claimOne(agent, workflow.id)).task.name).toBe("b");
  expect((await actions(workflow.id)).slice(0, 3)).toEqual(["created", "paused", "resumed"]);
  const types = (await eventsOf(ctx, workflow.id)).map((event) => event.type);
  expect(types.slice(0, 3)).toEqual(["workflow_created", "workflow_update", "workflow_update"]);
});

test("pausing twice is no error and leaves one trace; what has ended cannot be paused", async () => {
  const { workflow } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await pauseWorkflow(ctx, { id: workflow.id });
  await pauseWorkflow(ctx, { id: workflow.id });
  expect(await actions(workflow.id)).toEqual(["created", "paused"]);
  await cancelWorkflow(ctx, { id: workflow.id });
  await expect(pauseWorkflow(ctx, { id: workflow.id })).rejects.toMatchObject({ reason: "invalid_transition" });
});

test("cancel cancels what is open and ends runs; retry brings it back", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [
    { key: "a" },
    { key: "b" },
    { key: "c", dependsOn: ["b"] },
  ]);
  await move({ id: id("a"), status: "completed" });
  await claimOne(await host.agent(), workflow.id);
  await cancelWorkflow(ctx, { id: workflow.id });
  await host.background.drain();
  expect(await task("a")).toMatchObject({ status: "completed" });
  expect(await task("b")).toMatchObject({ status: "cancelled", currentRunId: null });
  expect(await actions(id("c"))).toEqual(["created", "cancelled"]);
  expect(await host.db.query("select outcome from task_runs where task_id = $1", [id("b")])).toEqual([
    { outcome: "cancelled" },
  ]);
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({
    status: "cancelled",
    taskCounts: { completed: 1, cancelled: 2, pending: 0 },
  });

  await retryWorkflow(ctx, { id: workflow.id });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running", progress: 33 });
  expect(await task("b")).toMatchObject({ status: "pending", ready: true, attempt: 0 });
  expect(await task("c")).toMatchObject({ status: "pending", ready: false, unmetDependencies: 1 });
});

test("retry of a failed workflow puts back what failed; with nothing failed it is refused", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }], {
    failurePolicy: "fail_fast",
  });
  await expect(retryWorkflow(ctx, { id: workflow.id })).rejects.toMatchObject({ reason: "invalid_transition" });
  await move({ id: id("a"), status: "failed" });
  expect((await findWorkflow(host.db, workflow.id)).status).toBe("failed");
  await retryWorkflow(ctx, { id: workflow.id });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running", failedReason: null });
  expect(await task("a")).toMatchObject({ status: "pending", ready: true });
  expect(await task("b")).toMatchObject({ status: "pending", ready: true });
});

test("remove refuses while an agent works on it, unless forced; restore brings all back", async () => {
  const { workflow, task } = await sampleWorkflow(ctx, [{ key: "a" }]);
  const agent = await host.agent("worker");
  await claimOne(agent, workflow.id);
  await expect(removeWorkflow(ctx, { id: workflow.id, force: false })).rejects.toMatchObject({
    reason: "has_live_run",
    message: expect.stringContaining("worker is working on this workflow."),
  });
  await removeWorkflow(ctx, { id: workflow.id, force: true });
  expect(await task("a")).toMatchObject({ status: "pending", ready: false });
  expect((await eventsOf(ctx, workflow.id)).at(-1)).toMatchObject({
    type: "workflow_deleted",
    data: { json: { id: workflow.id } },
  });
  await expect(pauseWorkflow(ctx, { id: workflow.id })).rejects.toThrow("no such workflow");
  await restoreWorkflow(ctx, { id: workflow.id });
  expect(await task("a")).toMatchObject({ status: "pending", ready: true });
  expect(await actions(workflow.id)).toEqual(expect.arrayContaining(["removed", "restored"]));
});

test("update changes what is named and refuses what is stale", async () => {
  const { workflow } = await sampleWorkflow(ctx, []);
  const update = (input: Record<string, unknown>) => updateWorkflow(ctx, updateWorkflowInput.parse(input));
  const after = await update({ id: `W-${workflow.number}`, name: "Renamed", revision: 1 });
  expect(after).toMatchObject({ name: "Renamed", failurePolicy: "continue", revision: 2 });
  expect((await auditOf(ctx, workflow.id)).at(-1)?.changes).toEqual({ name: { before: "Sample", after: "Renamed" } });
  await expect(update({ id: workflow.id, name: "Mine", revision: 1 })).rejects.toMatchObject({
    reason: "stale_revision",
  });
});

test("the list finds by status, words and number, and pages through each order", async () => {
  const mark = crypto.randomUUID();
  for (const name of ["beta", "Alpha", "gamma"]) await sampleWorkflow(ctx, [], { name: `${name} ${mark}` });
  const list = (input: Record<string, unknown>) =>
    listWorkflows(ctx, listWorkflowsInput.parse({ search: mark, ...input }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await list({ sort: "name", limit: 1, cursor });
    seen.push(...page.items.map((item) => item.name.split(" ")[0] ?? ""));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen).toEqual(["Alpha", "beta", "gamma"]);
  expect((await list({ status: "completed" })).items).toEqual([]);
  const [newest] = (await list({})).items;
  expect(newest).toMatchObject({ name: `gamma ${mark}`, ownerName: "Test operator", progress: null });
  expect((await list({ search: `W-${newest?.number}` })).items).toHaveLength(1);
});

test("by id: the owner and what goes on; the graph names what waits for what", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  await claimOne(await host.agent(), workflow.id);
  expect(await readWorkflow(ctx, { id: workflow.id })).toMatchObject({
    owner: { id: ctx.actor.id, name: "Test operator" },
    liveRuns: 1,
    pendingSuggestions: 0,
  });
  const { nodes } = await readWorkflowGraph(ctx, { id: workflow.id });
  expect(nodes).toMatchObject([
    { name: "a", dependsOn: [] },
    { name: "b", dependsOn: [id("a")], unmetDependencies: 1 },
  ]);
});

test("removing or retrying a workflow sets aside what was suggested on its tasks", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }]);
  const agent = await host.agent(undefined, [], 2);
  await claimOne(agent, workflow.id);
  await move({ id: id("b"), status: "failed" });
  for (const key of ["a", "b"]) await createSuggestion(agent, { taskId: id(key), action: "Ask first" });

  await removeWorkflow(ctx, { id: workflow.id, force: true });
  expect(await task("a")).toMatchObject({ status: "pending", pendingSuggestions: 0 });
  expect(await task("b")).toMatchObject({ status: "failed", pendingSuggestions: 1 });
  await restoreWorkflow(ctx, { id: workflow.id });
  await retryWorkflow(ctx, { id: workflow.id });
  expect(await task("b")).toMatchObject({ status: "pending", pendingSuggestions: 0 });
});

test("a task that waits for a failed one no more lets its workflow go on", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  await move({ id: id("a"), status: "failed" });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "failed" });
  await updateTask(ctx, { id: id("b"), dependsOn: [] });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running" });
  expect(await task("b")).toMatchObject({ ready: true });
});

testOnPostgres("a task that is retried just as its workflow is resumed can be claimed", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }]);
  await move({ id: id("a"), status: "failed" });
  await pauseWorkflow(ctx, { id: workflow.id });
  // Or a roll-up might be what waits.
  await host.background.drain();
  const retried = await host.db.transaction(async (tx) => {
    // Resumes it, having looked for open tasks already.
    await tx.query("update workflows set status = 'running' where id = $1", [workflow.id]);
    const retrying = retryTask(ctx, { id: id("a") });
    await until("the retry waits for the workflow", async () => {
      const [row] = await host.db.query<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return row?.n === 1;
    });
    return { retrying };
  });
  await retried.retrying;
  expect(await task("a")).toMatchObject({ status: "pending", ready: true });
});
