import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { moveTask, moveTaskInput } from "../tasks/move.ts";
import { auditOf, eventsOf, sampleWorkflow } from "../tasks/samples.ts";
import { type TestHost, testHost } from "../testing.ts";
import { findWorkflow } from "./find.ts";
import { rollUp } from "./roll-up.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const many = 40;

async function workflowsWithOneDone() {
  const samples = await Promise.all(Array.from({ length: many }, () => sampleWorkflow(ctx, [{ key: "a" }])));
  await host.background.drain();
  for (const { id } of samples) await moveTask(ctx, moveTaskInput.parse({ id: id("a"), status: "completed" }));
  return samples.map(({ workflow }) => workflow.id);
}

test("workflows that change together are rolled up together, each with its own event and line in the audit log", async () => {
  const ids = await workflowsWithOneDone();
  await host.background.drain();
  for (const id of ids) {
    const workflow = await findWorkflow(host.db, id);
    expect(workflow).toMatchObject({ status: "completed", progress: 100, taskCounts: { completed: 1, pending: 0 } });
    expect((await auditOf(ctx, id)).map(({ action }) => action)).toEqual(["created", "completed"]);
    expect((await eventsOf(ctx, id)).at(-1)).toMatchObject({ type: "workflow_update", revision: workflow.revision });
  }
  const [written] = await host.db.query<{ transactions: number }>(
    "select count(distinct xmin::text)::int as transactions from workflows where id = any($1::uuid[])",
    [ids],
  );
  expect(written?.transactions).toBeLessThan(many / 4);
});

test("rolling up again what has not changed writes nothing", async () => {
  const ids = await workflowsWithOneDone();
  await Promise.all(ids.map((id) => rollUp(host, id)));
  await host.background.drain();
  const before = await Promise.all(ids.map((id) => findWorkflow(host.db, id)));
  await Promise.all([...ids, ...ids].map((id) => rollUp(host, id)));
  expect(await Promise.all(ids.map((id) => findWorkflow(host.db, id)))).toEqual(before);
});

test("a workflow that is not there any more holds up no other", async () => {
  const [id = ""] = await workflowsWithOneDone();
  await Promise.all([rollUp(host, crypto.randomUUID()), rollUp(host, id)]);
  expect(await findWorkflow(host.db, id)).toMatchObject({ status: "completed" });
});
