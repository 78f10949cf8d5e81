import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { completeRun } from "../runs/complete.ts";
import { failRun } from "../runs/give-up.ts";
import { type TestHost, testHost } from "../testing.ts";
import { cancelWorkflow } from "../workflows/cancel.ts";
import { cancelTask } from "./cancel.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { retryTask } from "./retry.ts";
import { claimOne, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

/** Milliseconds from made to ended: as the task has it, and as the audit log tells it. */
async function cycleTimes(id: string) {
  const [row] = await host.db.query<{ kept: number | null; recounted: number }>(
    `select extract(epoch from t.completed_at - t.created_at)::float8 * 1000 as kept,
       (select extract(epoch from max(a.created_at) filter (where a.changes -> 'status' ->> 'after' = t.status)
          - min(a.created_at))::float8 * 1000
        from audit_logs a where a.entity_type = 'task' and a.entity_id = t.id) as recounted
     from tasks t where t.id = $1`,
    [id],
  );
  return row;
}

test("the cycle time of a task that has ended, in whatever way, is what the audit log says", async () => {
  const agent = await host.agent(undefined, [], 2);
  const keys = ["done", "broken", "by hand", "given up", "dropped", "left"];
  const { workflow, id } = await sampleWorkflow(
    ctx,
    keys.map((key) => ({ key })),
  );
  const leaseOf = async () => {
    const { run } = await claimOne(agent, workflow.id);
    return { runId: run.id, leaseToken: run.leaseToken };
  };
  await completeRun(agent, { ...(await leaseOf()), claimNext: false });
  await failRun(agent, { ...(await leaseOf()), error: "Broken", retryable: false });
  await moveTask(ctx, moveTaskInput.parse({ id: id("by hand"), status: "completed" }));
  await moveTask(ctx, moveTaskInput.parse({ id: id("given up"), status: "failed" }));
  await cancelTask(ctx, { id: id("dropped") });
  await cancelWorkflow(ctx, { id: workflow.id });
  for (const key of keys) {
    const times = await cycleTimes(id(key));
    expect(times?.kept).toBeGreaterThan(0);
    // Both are kept to the millisecond.
    expect(Math.abs((times?.kept ?? 0) - (times?.recounted ?? 0))).toBeLessThanOrEqual(1);
  }
});

test("a cancelled task that is retried has not ended", async () => {
  const { id, task } = await sampleWorkflow(ctx, [{ key: "again" }]);
  expect(await cancelTask(ctx, { id: id("again") })).toMatchObject({ completedAt: expect.any(Date) });
  await retryTask(ctx, { id: id("again") });
  expect(await task("again")).toMatchObject({ status: "pending", completedAt: null });
});
