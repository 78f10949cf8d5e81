import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, refused, type Settled, settled } from "../gather.ts";
import { text } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { supersedeSuggestions } from "../suggestions/supersede.ts";
import { type Claim, claimIn, rollUpClaimed, withContext } from "../tasks/claim.ts";
import { topKey } from "../tasks/position.ts";
import { refreshReadiness } from "../tasks/readiness.ts";
import {
  auditTime,
  changesOf,
  type RecordedTask,
  recordedColumns,
  recordedRows,
  recordSteps,
} from "../tasks/record-in-statement.ts";
import { recordTask } from "../tasks/record-task.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { type RunRow, runSeconds } from "./end-runs.ts";
import { type Lease, lease, refusalOf } from "./fencing.ts";
import { keepLateOutput } from "./late-output.ts";

const maxCharacters = 1_000_000;
const isBrief = (result: unknown) => JSON.stringify(result).length <= maxCharacters;

export const completeInput = z.strictObject({
  ...lease,
  /** Any JSON; the tasks that depend on this one receive it, and so does whoever looks at the task. */
  result: z
    .json()
    .refine(isBrief, "Keep the result to 1,000,000 characters of JSON. Hand in more as an artifact.")
    .optional(),
  summary: text(10_000).optional(),
  /** Brings the next task with the answer, if there is one. */
  claimNext: z.boolean().default(false),
});
type CompleteInput = z.output<typeof completeInput>;

export interface Completed {
  taskId: string;
  runId: string;
  status: "completed";
  next: Claim[];
}

/**
 * Completes the task under this lease. Completing twice with the same lease answers the same both times; a lease that
 * was lost is refused with its reason, and what came late is kept as an artifact of the lost run.
 */
export async function completeRun(ctx: AgentCtx, input: CompleteInput): Promise<Completed> {
  const { taskId, workflowId, claimed } = await completeNow(ctx.db, { ctx, ...input });
  rollUpSoon(ctx, workflowId);
  rollUpClaimed(ctx, claimed);
  const next = input.claimNext ? await withContext(ctx, claimed) : [];
  return { taskId, runId: input.runId, status: "completed", next };
}

type Request = Pick<CompleteInput, "result" | "summary" | "claimNext"> & Lease & { ctx: AgentCtx };

interface Answer {
  taskId: string;
  workflowId: string;
}

const completeNow = gathererFor(async (requests: Request[]) => {
  const [first] = requests;
  if (!first) return [];
  return mutate(first.ctx, async (tx, record) => {
    const [done, dependents] = await Promise.all([completeIn(record, requests), dependentsOf(tx, requests)]);
    const rows = [...done.values()];
    if (rows.length === 0) record.nothing();
    const waitedFor = new Set(rows.map((row) => row.taskId));
    await release(
      tx,
      record,
      first.ctx,
      dependents.filter((one) => waitedFor.has(one.depends_on_id)),
    );
    const waiting = rows.filter((row) => row.hasSuggestions).map((row) => row.taskId);
    if (waiting.length > 0) await supersedeSuggestions(tx, record, first.ctx, waiting);

    const others = requests.filter((request) => done.get(request.runId)?.request !== request);
    const answers = await answerOthers(tx, record, others);
    for (const { request, taskId, workflowId } of rows) answers.set(request, settled({ taskId, workflowId }));
    // In the same transaction: an agent that asks for its next task costs one commit a task and not two.
    const accepted = requests.filter((request) => request.claimNext && answers.get(request)?.ok);
    const claims = new Map(accepted.map((request) => [request, { ctx: request.ctx, max: 1, key: nextKey(request) }]));
    const claimed = await claimIn(tx, record, [...claims.values()]);
    return requests.map((request) => {
      const answer = answers.get(request) ?? refused(new Error("A completion was left without an answer"));
      const claim = claims.get(request);
      const next = (claim && claimed.get(claim)?.claimed) ?? [];
      return answer.ok ? settled({ ...answer.answer, claimed: next }) : answer;
    });
  });
});

/** A completion that is repeated brings the same next task. */
const nextKey = ({ runId }: Lease) => `after ${runId}`;

interface Done {
  request: Request;
  taskId: string;
  workflowId: string;
  hasSuggestions: boolean;
}

/** Ends the runs whose lease holds, completes their tasks and records it, by run id; the guard is in the WHERE. */
async function completeIn(record: Recorder, requests: Request[]): Promise<Map<string, Done>> {
  const rows = await record.inStatement<
    RecordedTask & { run_id: string; request_no: number; has_suggestions: boolean }
  >(completeStatement, [
    JSON.stringify(
      requests.map(({ ctx, runId, leaseToken, result, summary }, i) => ({
        request_no: i,
        run_id: runId,
        token: leaseToken,
        by_id: ctx.actor.id,
        by_name: ctx.actor.name,
        request_id: ctx.requestId,
        result: result ?? null,
        summary,
        position: topKey(),
      })),
    ),
  ]);
  const done = new Map<string, Done>();
  for (const row of rows) {
    const request = requests[row.request_no];
    if (!request) continue;
    const { id: taskId, workflow_id: workflowId, has_suggestions: hasSuggestions } = row;
    done.set(row.run_id, { request, taskId, workflowId, hasSuggestions });
  }
  return done;
}

/** Runs and tasks by their ids: a join with what was handed in may be planned as a walk over all tasks. */
const completeStatement = `
with c as (
  select * from json_to_recordset($1::json) as c(request_no int, run_id uuid, token uuid, by_id uuid, by_name text,
    request_id text, result jsonb, summary text, position text)
), locked as materialized (
  select t.id, t.progress from tasks t
  where t.id = any(array(
    select r.task_id from task_runs r where r.id = any(array(select run_id from c)) and r.outcome is null
  ))
  order by t.id for no key update
), ended as (
  update task_runs r set ended_at = now(), outcome = 'succeeded', summary = c.summary
  from c, locked l
  where r.id = any(array(select run_id from c)) and r.id = c.run_id and r.task_id = l.id
    and r.lease_token = c.token and r.agent_id = c.by_id and r.outcome is null
  returning r.*, c.request_no, c.result, c.position as new_position, c.by_id, c.by_name, c.request_id, l.progress as was_progress
), t as (
  update tasks t set status = 'completed', progress = 100, result = e.result, summary = e.summary,
    position = e.new_position, completed_at = now(), updated_at = now(), revision = t.revision + 1,
    duration_seconds = t.duration_seconds + ${runSeconds("e")}
  from ended e where t.id = e.task_id
  returning t.*, e.id as run_id, e.request_no, e.was_progress, 'agent' as by_type, e.by_id, e.by_name, e.request_id
), ${recordSteps({
  from: "t",
  action: "completed",
  changes: changesOf(
    {
      status: { before: "'in_progress'", after: "status" },
      completedAt: { before: "null", after: auditTime("completed_at") },
    },
    {
      progress: { before: "was_progress", after: "progress" },
      result: { before: "null::jsonb", after: "result" },
      summary: { before: "null::text", after: "summary" },
    },
  ),
})}
select ${recordedColumns}, recorded.run_id, recorded.request_no, recorded.pending_suggestions > 0 as has_suggestions
from ${recordedRows}`;

/** What depends on these runs' tasks; asked by run, so that it goes out together with the completion itself. */
const dependentsOf = (tx: Connection, requests: Request[]) =>
  tx.query<{ task_id: string; depends_on_id: string }>(
    `select d.task_id, d.depends_on_id from task_runs r join task_dependencies d on d.depends_on_id = r.task_id
     where r.id = any($1::uuid[])`,
    [requests.map((request) => request.runId)],
  );

/** Tasks that waited may start now; everybody hears of it. */
async function release(tx: Connection, record: Recorder, by: AgentCtx, dependents: { task_id: string }[]) {
  const released = await refreshReadiness(tx, [...new Set(dependents.map((one) => one.task_id))]);
  for (const task of released) recordTask(record, { task, before: null, action: false, by });
}

/** A repeat of an accepted completion gets the first answer; anything else is refused, its output kept. */
async function answerOthers(tx: Connection, record: Recorder, requests: Request[]) {
  const answers = new Map<Request, Settled<Answer>>();
  if (requests.length === 0) return answers;
  const rows = await tx.query<{ workflow_id: string }>(
    "select r.*, t.workflow_id from task_runs r join tasks t on t.id = r.task_id where r.id = any($1::uuid[])",
    [requests.map((request) => request.runId)],
  );
  const runs = new Map(rows.map((row) => camelCased<RunRow & { workflowId: string }>(row)).map((run) => [run.id, run]));
  for (const request of requests) {
    const run = runs.get(request.runId);
    const isOwn = run?.agentId === request.ctx.actor.id && run.leaseToken === request.leaseToken;
    if (run && isOwn && run.outcome === "succeeded") {
      answers.set(request, settled({ taskId: run.taskId, workflowId: run.workflowId }));
      continue;
    }
    const refusal = refusalOf(run, request.ctx.actor.id, request.leaseToken);
    answers.set(request, refused(refusal ?? new Error("A live run was not completed")));
    if (run && isOwn) await keepLateOutput(tx, record, request.ctx, run, request);
  }
  return answers;
}
