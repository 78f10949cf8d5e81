import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

/**
 * What follows when suggestions stop waiting for a person, whatever the reason: their tasks' counts are taken anew, and
 * the wait does not count against the time limit of the run that waited. The tasks' rows are locked.
 */
export async function settleSuggestions(
  tx: Connection,
  record: Recorder,
  by: Ctx,
  settled: Pick<SuggestionRow, "id" | "taskId">[],
): Promise<void> {
  await forgiveWait(tx, settled);
  for (const task of await recountPending(tx, [...new Set(settled.map((suggestion) => suggestion.taskId))])) {
    recordTask(record, { task, before: null, action: false, by });
  }
}

/** Counts the suggestions that wait on these tasks; answers with the tasks whose count changed. */
export async function recountPending(tx: Connection, taskIds: string[]): Promise<TaskRow[]> {
  const rows = await tx.query<object>(
    `update tasks t set pending_suggestions = c.n, updated_at = now(), revision = t.revision + 1
     from (
       select t.id, count(s.id)::int as n from tasks t
       left join suggestions s on s.task_id = t.id and s.status = 'pending'
       where t.id = any($1::uuid[]) group by t.id
     ) c
     where t.id = c.id and t.pending_suggestions <> c.n
     returning t.*`,
    [taskIds],
  );
  return rows.map((row) => camelCased<TaskRow>(row));
}

/**
 * Adds the wait to the live run that asked and moves its deadline on by as much. Waits of several suggestions overlap, so a wait is
 * counted from where the last decision left off, or from the first suggestion that was still open. A run that has ended in
 * this transaction has been counted already, with its wait: that is taken off the task's run time again.
 */
async function forgiveWait(tx: Connection, settled: Pick<SuggestionRow, "id" | "taskId">[]): Promise<void> {
  await tx.query(
    `with waits as (
       select r.id, greatest(r.claimed_at,
         min(s.created_at) filter (where s.status = 'pending' or s.id = any($1::uuid[])),
         max(s.decided_at) filter (where s.id <> all($1::uuid[]))) as since
       from task_runs r join suggestions s on s.task_id = r.task_id and s.run_id = r.id
       where r.task_id = any($2::uuid[]) and (r.ended_at is null or r.ended_at = now()::timestamptz(3)) group by r.id
       having bool_or(s.id = any($1::uuid[]))
     ), forgiven as (
       update task_runs r
       set waited_seconds = r.waited_seconds + round(extract(epoch from now() - w.since))::int,
         deadline_at = r.deadline_at + (now() - w.since)
       from waits w where r.id = w.id and w.since < now()
       returning r.task_id, r.ended_at, round(extract(epoch from now() - w.since))::int as seconds
     )
     update tasks t set duration_seconds = greatest(0, t.duration_seconds - f.seconds)
     from forgiven f where t.id = f.task_id and f.ended_at is not null`,
    [settled.map((suggestion) => suggestion.id), settled.map((suggestion) => suggestion.taskId)],
  );
}
