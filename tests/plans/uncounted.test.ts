import { afterAll, beforeAll, expect } from "bun:test";
import type { Ctx } from "../../server/services/context.ts";
import { completeRun } from "../../server/services/runs/complete.ts";
import { failRun } from "../../server/services/runs/give-up.ts";
import { claimTasks } from "../../server/services/tasks/claim.ts";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { createWorkflow, createWorkflowInput } from "../../server/services/workflows/create.ts";
import { looking } from "../support/looked-at.ts";
import { testOnPostgres } from "../support/only.ts";

/**
 * Five thousand tasks wait in tables that nobody has counted yet, as after a bulk load: what an agent does must not look at more of
 * them than it takes.
 */
const waiting = 5000;
const mostLookedAt = 100;

let host: TestHost;
beforeAll(async () => {
  if (!process.env.TEST_DATABASE_URL) return;
  host = await testHost();
  await host.db.query("alter table tasks set (autovacuum_enabled = off)");
  await host.db.query("alter table task_runs set (autovacuum_enabled = off)");
});
afterAll(() => host?.close());

testOnPostgres("agents look at what they take and not at what waits, though nobody has counted it", async () => {
  const agent = await host.agent("Early", [], 10);
  expect(await claimTasks(agent, { max: 1, waitMs: 0 })).toEqual([]);
  await fill(await host.person());

  const looked = new Map<string, number>();
  const ctx = { ...agent, db: looking(host.db, looked) };
  const claims = await claimTasks(ctx, { max: 3, waitMs: 0 });
  const [first, second] = claims.map(({ run }) => ({ runId: run.id, leaseToken: run.leaseToken }));
  if (!first || !second) throw new Error("There is work for everybody");
  await completeRun(ctx, { ...first, result: { n: 1 }, claimNext: true });
  await failRun(ctx, { ...second, error: "It broke", retryable: true });
  await host.background.drain();

  expect(looked.size).toBeGreaterThan(8);
  expect([...looked].filter(([, rows]) => rows > mostLookedAt)).toEqual([]);
});

async function fill(person: Ctx): Promise<void> {
  const perWorkflow = 50;
  for (let made = 0; made < waiting; made += perWorkflow) {
    const tasks = Array.from({ length: perWorkflow }, (_, i) => ({ key: `t${i}`, name: `Task ${made + i}` }));
    await createWorkflow(person, createWorkflowInput.parse({ name: `Load ${made}`, tasks }));
  }
}
