import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { endLiveRuns } from "../runs/end-runs.ts";

/** A run that is under way, with the name of the agent, as a person is asked about it. */
export interface LiveRun {
  runId: string;
  taskId: string;
  agentId: string;
  agentName: string;
  attempt: number;
  claimedAt: Date;
  leaseExpiresAt: Date;
}

/** The live runs of these tasks, whose rows are locked. */
export async function liveRunsOf(tx: Connection, taskIds: string[]): Promise<LiveRun[]> {
  const rows = await tx.query<object>(
    `select r.id as run_id, r.task_id, r.agent_id, a.name as agent_name, r.attempt, r.claimed_at, r.lease_expires_at
     from task_runs r join agents a on a.id = r.agent_id
     where r.task_id = any($1::uuid[]) and r.ended_at is null order by r.claimed_at`,
    [taskIds],
  );
  return rows.map((row) => camelCased<LiveRun>(row));
}

/** Ends a task's live run, if it has one and the caller said that it may. `doing` is the verb: Moving, Removing. */
export async function endRunOf(
  tx: Connection,
  ctx: Ctx,
  taskId: string,
  { force, doing }: { force: boolean; doing: string },
): Promise<void> {
  const [run] = await liveRunsOf(tx, [taskId]);
  if (!run) return;
  if (!force) {
    throw new Conflict(
      "has_live_run",
      `${run.agentName} is working on this task. ${doing} it ends that run. Confirm to do it anyway.`,
      { ...run },
    );
  }
  await endRuns(tx, [taskId], `${doing} by ${ctx.actor.name} ended it`);
}

/** Ends the live runs of these tasks as cancelled. */
export async function endRuns(tx: Connection, taskIds: string[], reason: string): Promise<void> {
  await endLiveRuns(tx, taskIds, "cancelled", reason);
}
