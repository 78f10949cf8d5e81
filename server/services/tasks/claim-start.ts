import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { ClaimRequest } from "./claim.ts";
import { hasContext } from "./claim-context.ts";
import { topKey } from "./position.ts";
import type { TaskRow } from "./task-row.ts";

export interface ClaimedRow {
  task: TaskRow;
  run: { id: string; attempt: number; leaseToken: string; leaseExpiresAt: Date };
  before: { status: "pending"; agentId: string | null; attempt: number };
  /** Whether an agent should be told of what went before. */
  hasContext: boolean;
  request: ClaimRequest;
}

/** Starts a run under a fresh lease for each picked task, whose rows are locked. In the order of the picks. */
export async function startRuns(
  tx: Connection,
  picks: { id: string; agentId: string | null; request: ClaimRequest }[],
): Promise<ClaimedRow[]> {
  const starts = picks.map((pick) => ({
    task_id: pick.id,
    agent_id: pick.request.ctx.actor.id,
    run_id: Bun.randomUUIDv7(),
    token: crypto.randomUUID(),
    position: topKey(),
  }));
  const rows = await tx.query<{ lease_expires_at: Date; has_context: boolean; id: string }>(startStatement, [
    JSON.stringify(starts),
    picks[0]?.request.ctx.config.leaseSeconds,
  ]);
  const byTask = new Map(rows.map((row) => [row.id, row]));
  return picks.flatMap(({ id, agentId, request }, i) => {
    const row = byTask.get(id);
    const start = starts[i];
    if (!row || !start) return [];
    const { lease_expires_at, has_context, ...columns } = row;
    const task = camelCased<TaskRow>(columns);
    const run = { id: start.run_id, attempt: task.attempt, leaseToken: start.token, leaseExpiresAt: lease_expires_at };
    const before = { status: "pending" as const, agentId, attempt: task.attempt - 1 };
    return [{ task, run, before, hasContext: has_context, request }];
  });
}

/**
 * By their ids and nothing else: a second condition may look better to the planner on the day it knows little of the table,
 * and then every claim walks over all that waits. The rows are locked and were pending when they were.
 */
const startStatement = `
with c as (
  select * from json_to_recordset($1::json) as c(task_id uuid, agent_id uuid, run_id uuid, token uuid, position text)
), t as (
  update tasks set status = 'in_progress', agent_id = c.agent_id, current_run_id = c.run_id, taken_by_id = null,
    attempt = tasks.attempt + 1, progress = 0, progress_note = null, failure_reason = null, queue_after = null,
    position = c.position, started_at = coalesce(started_at, now()), updated_at = now(), revision = revision + 1
  from c where tasks.id = c.task_id and tasks.id = any(array(select task_id from c))
  returning tasks.*
), r as (
  insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at, deadline_at)
  select c.run_id, t.id, c.agent_id, t.attempt, c.token, now() + make_interval(secs => $2),
    now() + make_interval(secs => t.timeout_seconds)
  from t join c on c.task_id = t.id
  returning task_id, lease_expires_at
)
select t.*, r.lease_expires_at, ${hasContext("t")} as has_context from t join r on r.task_id = t.id`;
