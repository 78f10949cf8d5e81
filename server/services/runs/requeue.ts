import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { bottomKey, topKey } from "../tasks/position.ts";
import type { TaskRow } from "../tasks/task-row.ts";

/** Why a task leaves its run without having been completed. */
export interface Requeue {
  taskId: string;
  reason: string;
  /** False when another attempt is pointless. */
  retryable: boolean;
  /** A run given back by its agent does not count as an attempt and needs no back-off. */
  released?: boolean;
}

/** Puts tasks back to pending with a back-off, or to failed when their attempts are used up. Their rows are locked. */
export async function requeue(tx: Connection, requeues: Requeue[]): Promise<TaskRow[]> {
  const rows = await tx.query<object>(requeueStatement, [
    JSON.stringify(
      requeues.map((one) => ({
        task_id: one.taskId,
        reason: one.reason,
        retryable: one.retryable,
        released: one.released ?? false,
        random: Math.random(),
        pending_position: bottomKey(),
        failed_position: topKey(),
      })),
    ),
  ]);
  return rows.map((row) => camelCased<TaskRow>(row));
}

/** The back-off is 2, 4, 8 … seconds up to 5 minutes, each between half and the whole of it. */
const requeueStatement = `
with asked as (
  select * from json_to_recordset($1::json) as c(task_id uuid, reason text, retryable boolean, released boolean,
    random double precision, pending_position text, failed_position text)
), c as (
  select c.*, t.attempt,
    case when c.released or c.retryable and t.attempt < t.max_attempts then 'pending' else 'failed' end as next,
    now() + make_interval(secs => least(300, power(2, least(t.attempt, 12))) * (0.5 + c.random / 2)) as next_try
  from asked c join tasks t on t.id = c.task_id
  where t.id = any(array(select task_id from asked))
)
update tasks t set status = c.next,
  attempt = case when c.released then greatest(0, t.attempt - 1) else t.attempt end,
  queue_after = case when c.next = 'pending' and not c.released then c.next_try end,
  queue_expires_at = case when c.released then now() else c.next_try end + make_interval(secs => t.queue_ttl_seconds),
  failure_reason = case when c.released then t.failure_reason else c.reason end,
  completed_at = case when c.next = 'failed' then now() end,
  position = case when c.next = 'pending' then c.pending_position else c.failed_position end,
  progress = 0, progress_note = null, current_run_id = case when c.next = 'pending' then null else t.current_run_id end,
  updated_at = now(), revision = t.revision + 1
from c where t.id = c.task_id and t.id = any(array(select task_id from asked))
returning t.*`;
