import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { Conflict, NotFound } from "../errors.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

/** The suggestion with its task, whose row is locked: tasks are locked before suggestions, everywhere. */
export async function lockWithTask(
  tx: Connection,
  id: string,
): Promise<{ suggestion: SuggestionRow; task: TaskRow; hasMovedOn: boolean; hasExpired: boolean }> {
  const [task] = await tx.query<object>(
    "select * from tasks where id = (select task_id from suggestions where id = $1) for update",
    [id],
  );
  const [row] = await tx.query<{ has_moved_on: boolean; has_expired: boolean }>(
    `select s.*, coalesce(s.expires_at <= now(), false) as has_expired,
       t.deleted_at is not null or coalesce(r.ended_at is not null, false)
         or t.status in ('completed', 'failed', 'cancelled') and coalesce(t.completed_at, t.updated_at) > s.created_at
         as has_moved_on
     from suggestions s join tasks t on t.id = s.task_id left join task_runs r on r.id = s.run_id where s.id = $1`,
    [id],
  );
  if (!task || !row) throw new NotFound("suggestion");
  const { has_moved_on, has_expired, ...columns } = row;
  return {
    suggestion: camelCased<SuggestionRow>(columns),
    task: camelCased<TaskRow>(task),
    hasMovedOn: has_moved_on,
    hasExpired: has_expired,
  };
}

/** What somebody is told who comes after the one decision: who made it, and when. */
export function alreadyDecided(suggestion: SuggestionRow): Conflict {
  const { status, decidedAt, decidedByName: by } = suggestion;
  const at = decidedAt ? `${decidedAt.toISOString().slice(0, 16).replace("T", " ")} UTC` : "an unknown time";
  const data = {
    status,
    decidedBy: by,
    decidedById: suggestion.decidedById,
    decidedByType: suggestion.decidedByType,
    decidedAt,
    note: suggestion.decisionNote,
  };
  switch (status) {
    case "superseded":
      return new Conflict(
        "stale_revision",
        `The task moved on (${by}, ${at}), so there is nothing left to decide.`,
        data,
      );
    case "expired":
      return new Conflict("already_decided", `Nobody decided in time: this expired at ${at}.`, data);
    case "withdrawn":
      return new Conflict("already_decided", `${by} withdrew this at ${at}.`, data);
    case "changes_requested":
      return new Conflict("already_decided", `${by} already asked for changes at ${at}.`, data);
    default:
      return new Conflict("already_decided", `Already ${status} by ${by} at ${at}.`, data);
  }
}
