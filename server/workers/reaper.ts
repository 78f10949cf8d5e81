import { asSystem, type Host } from "../services/context.ts";
import { mutate } from "../services/mutate.ts";
import { endLiveRuns } from "../services/runs/end-runs.ts";
import { putBack } from "../services/runs/give-up.ts";
import { rollUpSoon } from "../services/workflows/roll-up.ts";

const batch = 100;

/**
 * What ends a run that its agent did not end: the lease ran out, or its time limit outside waits for people did. It waits
 * for people by what it has asked itself: whatever others suggest on its task does not stop its time.
 */
const overdue = {
  lost: { where: "r.lease_expires_at < now()", action: "lease_expired" },
  timed_out: {
    where: `r.deadline_at < now() and not exists (
      select 1 from suggestions s where s.task_id = r.task_id and s.run_id = r.id and s.status = 'pending')`,
    action: "timed_out",
  },
} as const;

/** Takes back the tasks of runs that are overdue by the database's clock. Instances share the work: locked rows are skipped. */
export async function reapRuns(host: Host): Promise<void> {
  for (const outcome of ["lost", "timed_out"] as const) {
    while ((await reapBatch(host, outcome)) === batch);
  }
}

async function reapBatch(host: Host, outcome: keyof typeof overdue): Promise<number> {
  const { where, action } = overdue[outcome];
  const system = asSystem(host, `reaper ${Bun.randomUUIDv7()}`);
  const { found, tasks } = await mutate(system, async (tx, record) => {
    const locked = await tx.query<{ id: string }>(
      `select t.id from task_runs r join tasks t on t.id = r.task_id
       where r.ended_at is null and ${where} limit ${batch} for no key update of t skip locked`,
    );
    // The lease is looked at again now that nobody else can write to the task: a heartbeat may have come in between.
    const still = await tx.query<{ id: string; seconds: number; timeout: number | null }>(
      `select t.id, round(extract(epoch from now() - r.lease_expires_at))::int as seconds, t.timeout_seconds as timeout
       from task_runs r join tasks t on t.id = r.task_id
       where t.id = any($1::uuid[]) and r.ended_at is null and ${where} order by t.id for update of r`,
      [locked.map((row) => row.id)],
    );
    if (still.length === 0) {
      record.nothing();
      return { found: locked.length, tasks: [] };
    }
    const reasonOf = (row: (typeof still)[number]) =>
      outcome === "lost" ? "Lost: no heartbeat within the lease" : `Timed out after ${row.timeout} s`;
    await endLiveRuns(
      tx,
      still.map((row) => row.id),
      outcome,
      outcome === "lost" ? "No heartbeat within the lease" : "The time limit was reached",
    );
    const requeues = still.map((row) => ({ taskId: row.id, reason: reasonOf(row), retryable: true }));
    return { found: locked.length, tasks: await putBack(tx, record, system, requeues, action) };
  });
  for (const task of tasks) rollUpSoon(host, task.workflowId);
  return found;
}
