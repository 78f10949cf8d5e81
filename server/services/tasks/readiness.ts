import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { queueExpiry } from "./queue-expiry.ts";
import type { TaskRow } from "./task-row.ts";

/**
 * Recounts what the tasks wait for, from the truth. Locks the rows first, in id order: of two predecessors that complete
 * at once, the second one's count is taken after the first one's commit. Answers with the rows that changed.
 */
export async function refreshReadiness(tx: Connection, taskIds: string[]): Promise<TaskRow[]> {
  if (taskIds.length === 0) return [];
  await tx.query("select id from tasks where id = any($1::uuid[]) order by id for no key update", [taskIds]);
  const rows = await tx.query<object>(
    `update tasks t
     set unmet_dependencies = r.unmet, ready = r.ready,
       queue_expires_at = case when r.ready and not t.ready then ${queueExpiry} else t.queue_expires_at end, updated_at = now(), revision = t.revision + 1
     from (
       select t.id, count(p.id) filter (where p.status <> 'completed')::int as unmet,
         count(p.id) filter (where p.status <> 'completed') = 0
           and t.deleted_at is null and w.deleted_at is null and w.status = 'running' as ready
       from tasks t
       join workflows w on w.id = t.workflow_id
       left join task_dependencies d on d.task_id = t.id
       left join tasks p on p.id = d.depends_on_id and p.deleted_at is null
       where t.id = any($1::uuid[])
       group by t.id, w.id
     ) r
     where t.id = r.id and (t.unmet_dependencies, t.ready) is distinct from (r.unmet, r.ready)
     returning t.*`,
    [taskIds],
  );
  return rows.map((row) => camelCased<TaskRow>(row));
}

/** The same for the tasks that depend on these. */
export async function refreshDependents(tx: Connection, taskIds: string[]): Promise<TaskRow[]> {
  const dependents = await tx.query<{ task_id: string }>(
    "select distinct task_id from task_dependencies where depends_on_id = any($1::uuid[])",
    [taskIds],
  );
  return refreshReadiness(
    tx,
    dependents.map((row) => row.task_id),
  );
}
