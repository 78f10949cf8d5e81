import { afterAll, beforeAll, expect } from "bun:test";
import type { Connection, Database } from "../../db/client.ts";
import type { Ctx } from "../../server/services/context.ts";
import { completeRun } from "../../server/services/runs/complete.ts";
import { failRun } from "../../server/services/runs/give-up.ts";
import { claimTasks } from "../../server/services/tasks/claim.ts";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { createWorkflow, createWorkflowInput } from "../../server/services/workflows/create.ts";
import { testOnPostgres } from "../support/only.ts";
import { nodesOf, type PlanNode } from "../support/plans.ts";

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

type Explained = { "QUERY PLAN": [{ Plan: PlanNode }] };

/** The database; before a transaction's statement is sent, it is tried and undone, to see how many rows it looks at. */
function looking(db: Database, looked: Map<string, number>): Database {
  async function transaction<Result>(tx: Connection, work: (tx: Connection) => Promise<Result>): Promise<Result> {
    let last: Promise<unknown> = Promise.resolve();
    const query = <Row>(text: string, params: unknown[] = []): Promise<Row[]> => {
      const answer = last.then(async () => {
        await tx.queryAnew("savepoint tried");
        const [row] = await tx.query<Explained>(`explain (analyze, format json) ${text}`, params);
        await tx.queryAnew("rollback to savepoint tried");
        if (row) looked.set(text, Math.max(looked.get(text) ?? 0, rowsOf(row["QUERY PLAN"][0].Plan)));
        return tx.query<Row>(text, params);
      });
      last = answer.catch(() => {});
      return answer;
    };
    const result = await work({ ...tx, query });
    // The last statement is not waited for: COMMIT is to go out right behind it.
    await last;
    return result;
  }
  return { ...db, transaction: (work) => db.transaction((tx) => transaction(tx, work)) };
}

/** The most that one step of the plan looked at. */
const rowsOf = (plan: PlanNode) =>
  Math.max(
    ...nodesOf(plan).map((node) => {
      const [rows = 0, dropped = 0, loops = 1] = [
        node["Actual Rows"],
        node["Rows Removed by Filter"],
        node["Actual Loops"],
      ];
      return (rows + dropped) * loops;
    }),
  );
