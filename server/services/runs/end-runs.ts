import type { Connection } from "../../../db/client.ts";
import type { RunOutcome } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { taskRuns } from "../../../db/schema/index.ts";

export type RunRow = typeof taskRuns.$inferSelect;

/**
 * Ends the live runs of these tasks and adds their run time to the tasks, so that no lease survives under a task that
 * has moved on. Each agent learns of it with its next heartbeat. Answers with the runs that were ended.
 */
export async function endLiveRuns(
  tx: Connection,
  taskIds: string[],
  outcome: Exclude<RunOutcome, "succeeded">,
  reason: string,
): Promise<RunRow[]> {
  const rows = await tx.query<object>(
    `with ended as (
       update task_runs set ended_at = now(), outcome = $2, error = $3, cancel_reason = $3
       where task_id = any($1::uuid[]) and ended_at is null returning *
     ), counted as (
       update tasks t set duration_seconds = t.duration_seconds + ${runSeconds("e")}
       from ended e where e.task_id = t.id
     )
     select * from ended`,
    [taskIds, outcome, reason],
  );
  return rows.map((row) => camelCased<RunRow>(row));
}

/** Seconds under the lease without waiting for people, as SQL over a run that has just ended. */
export const runSeconds = (run: string) =>
  `greatest(0, round(extract(epoch from ${run}.ended_at - ${run}.claimed_at))::int - ${run}.waited_seconds)`;
