import { afterAll, beforeAll, expect, test } from "bun:test";
import { testOnPostgres } from "../../../tests/support/only.ts";
import { until } from "../../../tests/support/until.ts";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { auditOf, eventsOf, sampleWorkflow } from "./samples.ts";
import { updateTask, updateTaskInput } from "./update.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const update = (input: Record<string, unknown>) => updateTask(ctx, updateTaskInput.parse(input));

test("only what is named changes, and the audit entry holds only that", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a", labels: ["legal"], dueDate: "2027-01-01" }]);
  const task = await update({ id: id("a"), priority: "high", dueDate: "", revision: "1" });
  expect(task).toMatchObject({ priority: "high", queueRank: 0, dueDate: null, labels: ["legal"], revision: 2 });
  const [, trace] = await auditOf(ctx, id("a"));
  expect(trace).toMatchObject({
    action: "updated",
    changes: { priority: { before: "medium", after: "high" }, dueDate: { before: "2027-01-01", after: null } },
  });
  expect((await eventsOf(ctx, id("a"))).at(-1)).toMatchObject({ type: "task_update", revision: 2 });
});

test("a stale edit is refused; the same values again leave no trace", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await update({ id: id("a"), name: "Renamed" });
  await update({ id: id("a"), name: "Renamed" });
  expect(await auditOf(ctx, id("a"))).toHaveLength(2);
  await expect(update({ id: id("a"), name: "Mine", revision: 1 })).rejects.toMatchObject({ reason: "stale_revision" });
});

test("dependencies are replaced, readiness follows, and the audit log names them", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c", dependsOn: ["a"] }]);
  const task = await update({ id: id("c"), dependsOn: [id("a"), id("b")] });
  expect(task).toMatchObject({ unmetDependencies: 2, ready: false });
  expect(await update({ id: id("c"), dependsOn: [] })).toMatchObject({ unmetDependencies: 0, ready: true });
  const trace = (await auditOf(ctx, id("c"))).at(-1);
  expect(trace?.changes.dependsOn).toMatchObject({
    before: [expect.stringMatching(/^T-\d+ a$/), expect.stringMatching(/^T-\d+ b$/)],
    after: [],
  });
});

test("a circle is refused with its path", async () => {
  const { id } = await sampleWorkflow(ctx, [
    { key: "a" },
    { key: "b", dependsOn: ["a"] },
    { key: "c", dependsOn: ["b"] },
  ]);
  await expect(update({ id: id("a"), dependsOn: [id("c")] })).rejects.toMatchObject({
    reason: "cycle",
    message: expect.stringMatching(/T-\d+ a → T-\d+ c → T-\d+ b → T-\d+ a/),
  });
  await expect(update({ id: id("a"), dependsOn: [id("a")] })).rejects.toThrow("cannot depend on itself");
});

testOnPostgres("two edges that close a circle together: one of them is refused", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c" }]);
  await update({ id: id("a"), dependsOn: [id("b")] });
  const results = await host.db.transaction(async (tx) => {
    // Both need c's row, and get no further than to its lock: neither edge is there when the other is looked for.
    await tx.query("select 1 from tasks where id = $1 for update", [id("c")]);
    const changes = Promise.allSettled([
      update({ id: id("b"), dependsOn: [id("c")] }),
      update({ id: id("c"), dependsOn: [id("a")] }),
    ]);
    await until("both wait", async () => {
      const [row] = await host.db.query<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return row?.n === 2;
    });
    return { changes };
  });
  expect((await results.changes).map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const edges = await host.db.query("select 1 from task_dependencies where task_id in ($1, $2, $3)", [
    id("a"),
    id("b"),
    id("c"),
  ]);
  expect(edges).toHaveLength(2);
});
