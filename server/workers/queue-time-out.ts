import { camelCased } from "../../db/rows.ts";
import { asSystem, type Host } from "../services/context.ts";
import { mutate } from "../services/mutate.ts";
import { settleFailed } from "../services/runs/give-up.ts";
import { topKey } from "../services/tasks/position.ts";
import { recordTask } from "../services/tasks/record-task.ts";
import type { TaskRow } from "../services/tasks/task-row.ts";
import { rollUpSoon } from "../services/workflows/roll-up.ts";

const batch = 100;

/**
 * Fails the tasks that nobody has taken within their queue time-out, by the database's clock. Instances share the work:
 * locked rows are skipped, and with them a task that is being claimed at this moment.
 */
export async function timeOutQueue(host: Host): Promise<void> {
  while ((await timeOutBatch(host)) === batch);
}

async function timeOutBatch(host: Host): Promise<number> {
  const system = asSystem(host, `queue-time-out ${Bun.randomUUIDv7()}`);
  const tasks = await mutate(system, async (tx, record) => {
    const positions = Array.from({ length: batch }, topKey);
    const tasks = (await tx.query<object>(timeOutStatement, [positions])).map((row) => camelCased<TaskRow>(row));
    for (const task of tasks) {
      const before = { ...task, status: "pending" as const, completedAt: null, failureReason: null };
      recordTask(record, { task, before, action: "queue_timed_out", reason: task.failureReason });
    }
    if (tasks.length === 0) record.nothing();
    await settleFailed(tx, record, system, tasks);
    return tasks;
  });
  for (const workflowId of new Set(tasks.map((task) => task.workflowId))) rollUpSoon(host, workflowId);
  return tasks.length;
}

const timeOutStatement = `
with overdue as (
  select id, row_number() over () as n from (
    select id from tasks
    where status = 'pending' and ready and queue_expires_at <= now()
    order by queue_expires_at limit ${batch} for no key update skip locked
  ) held
)
update tasks t set status = 'failed', completed_at = now(), position = ($1::text[])[o.n],
  failure_reason = 'Timed out in the queue: no agent took it within ' || t.queue_ttl_seconds || ' s',
  updated_at = now(), revision = t.revision + 1
from overdue o where t.id = o.id
returning t.*`;
