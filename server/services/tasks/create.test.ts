import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { cancelWorkflow } from "../workflows/cancel.ts";
import { findWorkflow } from "../workflows/find.ts";
import { createTask, createTaskInput } from "./create.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { auditOf, columnOf, eventsOf, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const create = (input: Record<string, unknown>) =>
  createTask(ctx, createTaskInput.parse({ name: "Read the licences", ...input }));

test("a new task joins the end of Pending, with its audit entry and its event", async () => {
  const { workflow } = await sampleWorkflow(ctx, [{ key: "first" }]);
  const task = await create({
    workflowId: workflow.id,
    priority: "high",
    dueDate: "2027-03-03",
    labels: "legal, urgent",
  });
  expect(task).toMatchObject({
    status: "pending",
    priority: "high",
    queueRank: 0,
    dueDate: "2027-03-03",
    labels: ["legal", "urgent"],
    ready: true,
    createdByName: ctx.actor.name,
  });
  expect(await columnOf(ctx, workflow.id, "pending")).toEqual(["first", "Read the licences"]);
  expect(await auditOf(ctx, task.id)).toMatchObject([{ action: "created", actor: ctx.actor.name }]);
  expect(await eventsOf(ctx, task.id)).toMatchObject([{ type: "task_created", revision: 1 }]);
  expect(host.announced.some((event) => event.entityId === task.id)).toBe(true);
});

test("a task that depends on open ones is not ready; on completed ones it is", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "open" }, { key: "done" }]);
  await moveTask(ctx, moveTaskInput.parse({ id: id("done"), status: "completed" }));
  const open = await host.db.query<{ number: number }>("select number from tasks where id = $1", [id("open")]);
  const waiting = await create({
    workflowId: `W-${workflow.number}`,
    dependsOn: `T-${open[0]?.number}, ${id("done")}`,
  });
  expect(waiting).toMatchObject({ ready: false, unmetDependencies: 1 });
  const free = await create({ workflowId: workflow.id, dependsOn: [id("done")] });
  expect(free).toMatchObject({ ready: true, unmetDependencies: 0 });
});

test("a task of another workflow cannot be depended on", async () => {
  const one = await sampleWorkflow(ctx, [{ key: "a" }]);
  const other = await sampleWorkflow(ctx, [{ key: "b" }]);
  await expect(create({ workflowId: one.workflow.id, dependsOn: [other.id("b")] })).rejects.toThrow(
    "Name tasks of the same",
  );
});

test("the same idempotency key creates one task; with another body it is refused", async () => {
  const { workflow } = await sampleWorkflow(ctx, []);
  const input = { workflowId: workflow.id, idempotencyKey: crypto.randomUUID() };
  const [first, second] = [await create(input), await create(input)];
  expect(second.id).toBe(first.id);
  expect(second.createdAt).toEqual(first.createdAt);
  expect(await columnOf(ctx, workflow.id, "pending")).toHaveLength(1);
  await expect(create({ ...input, name: "Something else" })).rejects.toMatchObject({ reason: "idempotency_mismatch" });
});

test("a completed workflow runs again with a new task; a cancelled one takes none", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "only" }]);
  await moveTask(ctx, moveTaskInput.parse({ id: id("only"), status: "completed" }));
  await host.background.drain();
  expect((await findWorkflow(host.db, workflow.id)).status).toBe("completed");

  const task = await create({ workflowId: workflow.id });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running", progress: 50 });
  expect((await eventsOf(ctx, task.id)).at(-1)?.data).toMatchObject({ json: { ready: true } });

  await cancelWorkflow(ctx, { id: workflow.id });
  await expect(create({ workflowId: workflow.id })).rejects.toMatchObject({ reason: "not_running" });
});

test("inputs say what to mend", () => {
  const refusal = createTaskInput.safeParse({ workflowId: "x", name: "  ", dueDate: "2027-02-30", maxAttempts: 0 });
  const messages = refusal.error?.issues.map((issue) => issue.message);
  expect(messages).toEqual(expect.arrayContaining(["Give it a name.", "Give a day as YYYY-MM-DD.", "Give 1 or more."]));
});
