import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { auditOf, columnOf, eventsOf, sampleWorkflow } from "../tasks/samples.ts";
import { type TestHost, testHost } from "../testing.ts";
import { createWorkflow, createWorkflowInput } from "./create.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const create = (tasks: Record<string, unknown>[], by = ctx) =>
  createWorkflow(
    by,
    createWorkflowInput.parse({ name: "Audit", tasks: tasks.map((task) => ({ name: `${task.key}`, ...task })) }),
  );

test("a workflow and its graph come into being together, each with its audit entry and event", async () => {
  const { workflow, task, id } = await sampleWorkflow(ctx, [
    { key: "fetch" },
    { key: "read", dependsOn: ["fetch"], priority: "high" },
    { key: "rank", dependsOn: ["fetch", "read", "read"] },
  ]);
  expect(workflow).toMatchObject({ status: "running", progress: 0, taskCounts: { pending: 3 }, ownerId: ctx.actor.id });
  expect(workflow.tasks.map((one) => one.key)).toEqual(["fetch", "read", "rank"]);
  expect(await columnOf(ctx, workflow.id, "pending")).toEqual(["fetch", "read", "rank"]);
  expect(await task("fetch")).toMatchObject({ ready: true, unmetDependencies: 0 });
  expect(await task("rank")).toMatchObject({ ready: false, unmetDependencies: 2 });
  expect(await auditOf(ctx, workflow.id)).toMatchObject([{ action: "created", actor: ctx.actor.name }]);
  expect(await auditOf(ctx, id("rank"))).toMatchObject([{ action: "created" }]);
  expect(await eventsOf(ctx, workflow.id)).toMatchObject([{ type: "workflow_created" }]);
  expect(await eventsOf(ctx, id("rank"))).toMatchObject([{ type: "task_created" }]);
});

test("without tasks there is no progress to speak of; a draft's tasks wait", async () => {
  expect((await sampleWorkflow(ctx, [])).workflow).toMatchObject({ progress: null, tasks: [] });
  const draft = await sampleWorkflow(ctx, [{ key: "a" }], { status: "draft" });
  expect(await draft.task("a")).toMatchObject({ ready: false });
});

test("keys that are unknown or double, and a task that depends on itself, are refused by field", async () => {
  await expect(create([{ key: "a", dependsOn: ["x"] }])).rejects.toMatchObject({
    fieldErrors: { "tasks[0].dependsOn": ['"a" depends on "x", which is no key of this call.'] },
  });
  await expect(create([{ key: "a" }, { key: "a" }])).rejects.toMatchObject({
    fieldErrors: { "tasks[1].key": ['Two tasks have the key "a". Give each its own.'] },
  });
  await expect(create([{ key: "a", dependsOn: ["a"] }])).rejects.toMatchObject({
    fieldErrors: { "tasks[0].dependsOn": ['"a" cannot depend on itself.'] },
  });
});

test("a circle is refused with its path, and nothing is created", async () => {
  const count = async () => (await host.db.query<{ n: number }>("select count(*)::int as n from workflows"))[0]?.n;
  const before = await count();
  const circle = create([
    { key: "a", dependsOn: ["c"] },
    { key: "b", dependsOn: ["a"] },
    { key: "c", dependsOn: ["b"] },
  ]);
  await expect(circle).rejects.toMatchObject({ reason: "cycle", data: { path: ["a", "c", "b", "a"] } });
  expect(await count()).toBe(before);
});

test("1,000 tasks take as many statements as one", async () => {
  const countStatements = async (tasks: Record<string, unknown>[]) => {
    let statements = 0;
    const counting = (tx: Connection): Connection => ({
      ...tx,
      query: (...args) => {
        statements++;
        return tx.query(...args);
      },
    });
    const db: Ctx["db"] = { ...ctx.db, transaction: (work) => ctx.db.transaction((tx) => work(counting(tx))) };
    const workflow = await create(tasks, { ...ctx, db });
    expect(workflow.tasks).toHaveLength(tasks.length);
    return statements;
  };
  const few = await countStatements([{ key: "0" }, { key: "1", dependsOn: ["0"] }]);
  const chain = Array.from({ length: 1000 }, (_, i) => ({ key: `${i}`, dependsOn: i > 0 ? [`${i - 1}`] : [] }));
  expect(await countStatements(chain)).toBe(few);
});

test("the same idempotency key creates one workflow", async () => {
  const input = createWorkflowInput.parse({ name: "Once", tasks: [{ key: "a", name: "a" }], idempotencyKey: "once" });
  const [first, second] = [await createWorkflow(ctx, input), await createWorkflow(ctx, input)];
  expect(second).toEqual(first);
});
