import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { removeWorkflow } from "../workflows/remove.ts";
import { boardInput, columnInput, readBoard, readColumn } from "./board.ts";
import { readTask } from "./by-id.ts";
import { cancelTask } from "./cancel.ts";
import { listTasks, listTasksInput } from "./list.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { removeTask } from "./remove.ts";
import { claimOne, sampleWorkflow } from "./samples.ts";
import { addWorkflow } from "./testing.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const board = (input: Record<string, unknown> = {}) => readBoard(ctx, boardInput.parse(input));
const names = (cards: { name: string }[]) => cards.map((card) => card.name);
const many = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `task ${i}` }));

test("the board has the four columns in order, without what is cancelled or in the bin", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }]);
  await moveTask(ctx, moveTaskInput.parse({ id: id("b"), status: "completed" }));
  await cancelTask(ctx, { id: id("c") });
  await removeTask(ctx, { id: id("d"), force: false });
  const { columns, cancelled, agents, workflows } = await board({ workflowId: workflow.id });
  expect(names(columns.pending.items)).toEqual(["a"]);
  expect(names(columns.completed.items)).toEqual(["b"]);
  expect(columns.in_progress).toEqual({ items: [], count: 0, isCapped: false, nextCursor: null });
  expect(cancelled).toEqual({ count: 1, isCapped: false });
  expect(workflows.map((one) => one.id)).toContain(workflow.id);
  expect(Array.isArray(agents)).toBe(true);
});

test("a card carries what its badges need, and none of the long fields", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  const agent = await host.agent("reader");
  await claimOne(agent, workflow.id);
  const { columns } = await board({ workflowId: workflow.id });
  expect(columns.in_progress.items[0]).toMatchObject({ id: id("a"), agentName: "reader", workflowStatus: "running" });
  expect(columns.pending.items[0]).toMatchObject({ unmetDependencies: 1, waitsFor: "a", queueAfter: null });
  for (const field of ["input", "result", "description"]) expect(columns.pending.items[0]).not.toHaveProperty(field);
});

test("a column is windowed; its cursor leads through the rest, each card once", async () => {
  const { workflow } = await sampleWorkflow(ctx, many(60));
  const { pending } = (await board({ workflowId: workflow.id })).columns;
  expect(pending.items).toHaveLength(25);
  expect(pending.count).toBe(60);
  const seen = names(pending.items);
  for (let cursor = pending.nextCursor; cursor; ) {
    const page = await readColumn(ctx, columnInput.parse({ workflowId: workflow.id, status: "pending", cursor }));
    seen.push(...names(page.items));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(many(60).map((task) => task.key));
});

test("the number of statements does not grow with the number of tasks", async () => {
  const { workflow } = await sampleWorkflow(ctx, many(120));
  let statements = 0;
  const counting: Ctx = {
    ...ctx,
    db: {
      ...ctx.db,
      query: (...args) => {
        statements++;
        return ctx.db.query(...args);
      },
      queryAnew: (...args) => {
        statements++;
        return ctx.db.queryAnew(...args);
      },
    },
  };
  await readBoard(counting, boardInput.parse({ workflowId: workflow.id, limit: 100 }));
  expect(statements).toBe(6);
});

test("filters narrow cards and counts alike", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [
    { key: "100% sure", priority: "high", labels: ["legal"] },
    { key: "100 more", dueDate: "2026-01-31" },
    { key: "other", dueDate: "2026-02-01" },
    { key: "week", dueDate: "2026-02-07" },
  ]);
  const pending = async (filter: Record<string, unknown>) => {
    const { columns } = await board({ workflowId: workflow.id, ...filter });
    expect(columns.pending.count).toBe(columns.pending.items.length);
    return names(columns.pending.items);
  };
  expect(await pending({ priority: "high" })).toEqual(["100% sure"]);
  expect(await pending({ label: "Legal" })).toEqual(["100% sure"]);
  expect(await pending({ search: "100%" })).toEqual(["100% sure"]);
  expect(await pending({ search: "OTH" })).toEqual(["other"]);
  expect(await pending({ search: "su" })).toEqual(["100% sure"]);
  expect(await pending({ search: "th" })).toEqual([]);
  expect(await pending({ due: "overdue", today: "2026-02-01" })).toEqual(["100 more"]);
  expect(await pending({ due: "today", today: "2026-02-01" })).toEqual(["other"]);
  expect(await pending({ due: "week", today: "2026-02-01" })).toEqual(["other", "week"]);
  expect(await pending({ priority: "", search: "", agentId: "" })).toHaveLength(4);
  const { number } = await readTask(ctx, { id: id("other") });
  expect(await pending({ search: `T-${number}` })).toEqual(["other"]);
});

test("tasks of a workflow in the bin are out of sight", async () => {
  const { workflow } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await removeWorkflow(ctx, { id: workflow.id, force: false });
  expect((await board({ workflowId: workflow.id })).columns.pending.count).toBe(0);
});

test.each(["newest", "updated", "due", "priority"] as const)(
  "the list by %s pages through every task once",
  async (sort) => {
    const { workflow } = await sampleWorkflow(ctx, [
      { key: "a", priority: "low", dueDate: "2027-01-02" },
      { key: "b", priority: "high" },
      { key: "c", priority: "medium", dueDate: "2027-01-01" },
      { key: "d", priority: "high", dueDate: "2027-01-02" },
      { key: "e" },
    ]);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listTasks(ctx, listTasksInput.parse({ workflowId: workflow.id, sort, limit: 2, cursor }));
      seen.push(...names(page.items));
      cursor = page.nextCursor;
    } while (cursor);
    const expected = { newest: "edcba", updated: "edcba", due: "cadbe", priority: "bdcea" };
    expect(seen.join("")).toBe(expected[sort]);
  },
);

test("the list filters by one status or several, and shows the bin", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c" }]);
  await moveTask(ctx, moveTaskInput.parse({ id: id("b"), status: "completed" }));
  await removeTask(ctx, { id: id("c"), force: false });
  const list = async (input: Record<string, unknown>) =>
    names((await listTasks(ctx, listTasksInput.parse({ workflowId: workflow.id, ...input }))).items);
  expect(await list({ status: "completed" })).toEqual(["b"]);
  expect(await list({ status: ["pending", "completed"] })).toEqual(["b", "a"]);
  expect(await list({ deleted: "true" })).toEqual(["c"]);
});

test("a mangled cursor is refused with what to do", async () => {
  const list = listTasks(ctx, listTasksInput.parse({ cursor: "nonsense" }));
  await expect(list).rejects.toThrow("Start again without it");
});

test("by id or by number, with all that belongs to it", async () => {
  const { workflow, id, task } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", dependsOn: ["a"] }]);
  const agent = await host.agent("by-id-reader");
  const claim = await claimOne(agent, workflow.id);
  const detail = await readTask(ctx, { id: `t-${(await task("a")).number}` });
  expect(detail).toMatchObject({
    id: id("a"),
    workflow: { id: workflow.id, name: "Sample", status: "running" },
    agent: { id: agent.actor.id, name: "by-id-reader" },
    assignedAgent: null,
    currentRun: { id: claim.run.id, attempt: 1, agentId: agent.actor.id },
    dependencies: [],
    dependents: [{ id: id("b"), name: "b", status: "pending" }],
  });
  expect(JSON.stringify(detail)).not.toContain(claim.run.leaseToken);
  expect((await readTask(ctx, { id: id("b") })).dependencies).toMatchObject([{ id: id("a"), status: "in_progress" }]);
  await expect(readTask(ctx, { id: `W-${workflow.number}` })).rejects.toThrow("no such task");
});

test("counting stops at a cap, sooner where a filter passes over tasks", async () => {
  const workflow = await addWorkflow(host.db);
  await host.db.query(
    `insert into tasks (id, workflow_id, name, position)
     select gen_random_uuid(), $1, 'One of many', 'h' || lpad(i::text, 8, '0') from generate_series(1, 10001) i`,
    [workflow.id],
  );
  const counted = async (filter: Record<string, unknown>) => {
    const { count, isCapped } = (await board({ workflowId: workflow.id, ...filter })).columns.pending;
    return { count, isCapped };
  };
  expect(await counted({})).toEqual({ count: 10_000, isCapped: true });
  expect(await counted({ search: "many" })).toEqual({ count: 1_000, isCapped: true });
  await host.db.query("delete from tasks where workflow_id = $1 and position > 'h00001000'", [workflow.id]);
  expect(await counted({ search: "many" })).toEqual({ count: 1_000, isCapped: false });
});
