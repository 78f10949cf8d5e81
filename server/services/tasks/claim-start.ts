import type { Recorder } from "../mutate.ts";
import type { ClaimRequest } from "./claim.ts";
import { hasContext } from "./claim-context.ts";
import { topKey } from "./position.ts";
import {
  changesOf,
  type RecordedTask,
  recordedColumns,
  recordedRows,
  recordSteps,
  taskOf,
} from "./record-in-statement.ts";
import type { TaskRow } from "./task-row.ts";

export interface ClaimedRow {
  task: TaskRow;
  run: { id: string; attempt: number; leaseToken: string; leaseExpiresAt: Date };
  /** Whether an agent should be told of what went before. */
  hasContext: boolean;
  request: ClaimRequest;
}

/** Starts a run under a fresh lease for each picked task, whose rows are locked, and records it. In the order of the picks. */
export async function startRuns(
  record: Recorder,
  picks: { id: string; agentId: string | null; request: ClaimRequest }[],
): Promise<ClaimedRow[]> {
  const starts = picks.map(({ id, agentId, request: { ctx, key } }) => ({
    task_id: id,
    was_agent_id: agentId,
    by_id: ctx.actor.id,
    by_name: ctx.actor.name,
    request_id: ctx.requestId,
    run_id: Bun.randomUUIDv7(),
    token: crypto.randomUUID(),
    claim_key: key,
    position: topKey(),
  }));
  const rows = await record.inStatement<RecordedTask & { lease_expires_at: Date; has_context: boolean }>(
    startStatement,
    [JSON.stringify(starts), picks[0]?.request.ctx.config.leaseSeconds],
  );
  const byTask = new Map(rows.map((row) => [row.id, row]));
  return picks.flatMap(({ id, request }, i) => {
    const row = byTask.get(id);
    const start = starts[i];
    if (!row || !start) return [];
    const task = taskOf(row);
    const run = {
      id: start.run_id,
      attempt: task.attempt,
      leaseToken: start.token,
      leaseExpiresAt: row.lease_expires_at,
    };
    return [{ task, run, hasContext: row.has_context, request }];
  });
}

/**
 * By their ids and nothing else: a second condition may look better to the planner on the day it knows little of the table,
 * and then every claim walks over all that waits. The rows are locked and were pending when they were.
 */
const startStatement = `
with c as (
  select * from json_to_recordset($1::json) as c(task_id uuid, was_agent_id uuid, by_id uuid, by_name text, request_id text,
    run_id uuid, token uuid, claim_key text, position text)
), t as (
  update tasks set status = 'in_progress', agent_id = c.by_id, current_run_id = c.run_id, taken_by_id = null,
    attempt = tasks.attempt + 1, progress = 0, progress_note = null, failure_reason = null, queue_after = null,
    position = c.position, started_at = coalesce(started_at, now()), updated_at = now(), revision = revision + 1
  from c where tasks.id = c.task_id and tasks.id = any(array(select task_id from c))
  returning tasks.*, c.was_agent_id, 'agent' as by_type, c.by_id, c.by_name, c.request_id, c.token, c.claim_key
), r as (
  insert into task_runs (id, task_id, agent_id, attempt, lease_token, claim_key, lease_expires_at, deadline_at)
  select current_run_id, id, agent_id, attempt, token, claim_key, now() + make_interval(secs => $2),
    now() + make_interval(secs => timeout_seconds)
  from t
  returning task_id, lease_expires_at
), ${recordSteps({
  from: "t",
  action: "claimed",
  changes: changesOf(
    {
      status: { before: "'pending'", after: "status" },
      attempt: { before: "attempt - 1", after: "attempt" },
      currentRunId: { before: "null", after: "current_run_id" },
    },
    { agentId: { before: "was_agent_id", after: "agent_id" } },
  ),
})}
select ${recordedColumns}, r.lease_expires_at, ${hasContext("recorded")} as has_context
from ${recordedRows} join r on r.task_id = recorded.id`;
