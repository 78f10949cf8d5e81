import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { findWorkflow } from "../workflows/find.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { auditOf, claimOne, columnOf, eventsOf, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const move = (input: Record<string, unknown>, by = ctx) => moveTask(by, moveTaskInput.parse(input));
const abcd = [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }];

test("a card lands between its neighbours, and right beside one neighbour", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, abcd);
  await move({ id: id("d"), status: "pending", afterId: id("a"), beforeId: id("b") });
  expect(await columnOf(ctx, workflow.id, "pending")).toEqual(["a", "d", "b", "c"]);
  await move({ id: id("a"), status: "pending", afterId: id("b") });
  expect(await columnOf(ctx, workflow.id, "pending")).toEqual(["d", "b", "a", "c"]);
  await move({ id: id("c"), status: "pending", beforeId: id("d") });
  expect(await columnOf(ctx, workflow.id, "pending")).toEqual(["c", "d", "b", "a"]);
  expect(await auditOf(ctx, id("c"))).toMatchObject([{ action: "created" }, { action: "moved" }]);
});

test("between the visible neighbours is enough, whatever lies hidden between them", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, abcd);
  await move({ id: id("d"), status: "pending", afterId: id("a"), beforeId: id("c") });
  const order = await columnOf(ctx, workflow.id, "pending");
  expect(order.indexOf("d")).toBeGreaterThan(order.indexOf("a"));
  expect(order.indexOf("d")).toBeLessThan(order.indexOf("c"));
});

test("two people who move two cards to one place at once: both moves are kept", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, abcd);
  const admin = await host.person("admin");
  await Promise.all([
    move({ id: id("c"), status: "pending", afterId: id("a"), beforeId: id("b"), revision: 1 }),
    move({ id: id("d"), status: "pending", afterId: id("a"), beforeId: id("b"), revision: 1 }, admin),
  ]);
  const order = await columnOf(ctx, workflow.id, "pending");
  expect(order[0]).toBe("a");
  expect(order[3]).toBe("b");
});

test("two people who move one card at once: the second is told who was faster", async () => {
  const { id } = await sampleWorkflow(ctx, abcd);
  const admin = await host.person("admin");
  await move({ id: id("a"), status: "completed", revision: 1 }, admin);
  const late = move({ id: id("a"), status: "failed", revision: 1 });
  await expect(late).rejects.toMatchObject({
    reason: "stale_revision",
    message: expect.stringContaining("Test admin changed this task a moment ago: it is Completed now."),
    data: { changedBy: "Test admin", changedAt: expect.any(Date), status: "completed", revision: 2 },
  });
});

test("dropping a card where it is changes nothing and leaves no trace", async () => {
  const { id } = await sampleWorkflow(ctx, abcd);
  const task = await move({ id: id("a"), status: "pending" });
  expect(task.revision).toBe(1);
  expect(await auditOf(ctx, id("a"))).toHaveLength(1);
});

test("pending to in progress by hand: the person has taken it, on top of the column", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, abcd);
  await move({ id: id("a"), status: "in_progress" });
  await move({ id: id("b"), status: "in_progress" });
  expect(await columnOf(ctx, workflow.id, "in_progress")).toEqual(["b", "a"]);
  expect(await task("a")).toMatchObject({ takenById: ctx.actor.id, agentId: null, startedAt: expect.any(Date) });
  const agent = await host.agent();
  expect((await claimOne(agent, workflow.id)).task.name).toBe("c");
});

test("a card under a live run asks first; with force the run ends and its lease with it", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, [{ key: "a" }]);
  const agent = await host.agent("reader");
  await claimOne(agent, workflow.id);
  await expect(move({ id: id("a"), status: "completed" })).rejects.toMatchObject({
    reason: "has_live_run",
    message: expect.stringContaining("reader is working on this task."),
    data: { agentName: "reader", attempt: 1 },
  });
  await move({ id: id("a"), status: "completed", force: "on" });
  const runs = await host.db.query("select outcome from task_runs where task_id = $1", [id("a")]);
  expect(runs).toEqual([{ outcome: "cancelled" }]);
  expect(await task("a")).toMatchObject({ status: "completed", progress: 100, currentRunId: null });
});

test("completing by hand releases what waited, in the same transaction", async () => {
  const { id, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  await expect(move({ id: id("b"), status: "in_progress" })).rejects.toMatchObject({
    reason: "invalid_transition",
    message: expect.stringMatching(/still waits for T-\d+ a\./),
    data: { unmetDependencies: 1 },
  });
  await move({ id: id("a"), status: "completed" });
  expect(await task("b")).toMatchObject({ ready: true, unmetDependencies: 0 });
  expect((await eventsOf(ctx, id("b"))).map((event) => event.type)).toEqual(["task_created", "task_update"]);
  await move({ id: id("a"), status: "pending" });
  expect(await task("b")).toMatchObject({ ready: false, unmetDependencies: 1 });
});

test("force starts a task that still waits", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  expect(await move({ id: id("b"), status: "in_progress", force: true })).toMatchObject({ status: "in_progress" });
});

test("back to Pending is a fresh start", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await move({ id: id("a"), status: "completed" });
  await host.background.drain();
  const task = await move({ id: id("a"), status: "pending" });
  expect(task).toMatchObject({ progress: 0, attempt: 0, completedAt: null, takenById: null });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running", progress: 0 });
});

test("a completed task does not fail afterwards", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await move({ id: id("a"), status: "completed" });
  await expect(move({ id: id("a"), status: "failed" })).rejects.toMatchObject({
    reason: "invalid_transition",
    data: { from: "completed", to: "failed" },
  });
});

test("a task that fails by hand says why, and fails its workflow at once where that fails fast", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }], {
    failurePolicy: "fail_fast",
  });
  await move({ id: id("a"), status: "failed", reason: "The source is gone" });
  expect(await task("a")).toMatchObject({ failureReason: "The source is gone" });
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "failed" });
  expect(await task("b")).toMatchObject({ ready: false });
  expect((await auditOf(ctx, id("a"))).at(-1)).toMatchObject({ action: "moved", reason: "The source is gone" });
});
