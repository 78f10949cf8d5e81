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
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
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
    const [done, dependents] = await Promise.all([completeIn(tx, requests), dependentsOf(tx, requests)]);
    for (const { task, request, before } of done.values()) {
      recordTask(record, { task, before, action: "completed", by: request.ctx });
    }
    const tasks = [...done.values()].map(({ task }) => task);
    if (tasks.length === 0) record.nothing();
    const waitedFor = new Set(tasks.map((task) => task.id));
    await release(
      tx,
      record,
      first.ctx,
      dependents.filter((one) => waitedFor.has(one.depends_on_id)),
    );
    const waiting = tasks.filter((task) => task.pendingSuggestions > 0).map((task) => task.id);
    if (waiting.length > 0) await supersedeSuggestions(tx, record, first.ctx, waiting);

    const others = requests.filter((request) => done.get(request.runId)?.request !== request);
    const answers = await answerOthers(tx, record, others);
    for (const { task, request } of done.values()) {
      answers.set(request, settled({ taskId: task.id, workflowId: task.workflowId }));
    }
    // In the same transaction: an agent that asks for its next task costs one commit a task and not two.
    const accepted = requests.filter((request) => request.claimNext && answers.get(request)?.ok);
    const claims = accepted.map((request) => ({ ctx: request.ctx, max: 1, request }));
    const claimed = await claimIn(tx, record, claims);
    return requests.map((request) => {
      const answer = answers.get(request) ?? refused(new Error("A completion was left without an answer"));
      const own = claims.find((claim) => claim.request === request);
      return answer.ok ? settled({ ...answer.answer, claimed: claimed.filter((row) => row.request === own) }) : answer;
    });
  });
});

interface Done {
  task: TaskRow;
  before: Partial<TaskRow>;
  request: Request;
}

/** Ends the runs whose lease holds and completes their tasks, by run id; the guard is in the WHERE. */
async function completeIn(tx: Connection, requests: Request[]): Promise<Map<string, Done>> {
  const rows = await tx.query<{ run_id: string; request_no: number; was_progress: number }>(completeStatement, [
    JSON.stringify(
      requests.map(({ ctx, runId, leaseToken, result, summary }, i) => ({
        request_no: i,
        run_id: runId,
        token: leaseToken,
        agent_id: ctx.actor.id,
        result: result ?? null,
        summary,
        position: topKey(),
      })),
    ),
  ]);
  const done = new Map<string, Done>();
  for (const { run_id, request_no, was_progress, ...columns } of rows) {
    const request = requests[request_no];
    const task = camelCased<TaskRow>(columns);
    const before = { ...task, status: "in_progress" as const, progress: was_progress, result: null, summary: null };
    if (request) done.set(run_id, { task, before: { ...before, completedAt: null }, request });
  }
  return done;
}

/** Runs and tasks by their ids: a join with what was handed in may be planned as a walk over all tasks. */
const completeStatement = `
with c as (
  select * from json_to_recordset($1::json)
    as c(request_no int, run_id uuid, token uuid, agent_id uuid, result jsonb, summary text, position text)
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
    and r.lease_token = c.token and r.agent_id = c.agent_id and r.outcome is null
  returning r.*, c.request_no, c.result, c.position as new_position, l.progress as was_progress
)
update tasks t set status = 'completed', progress = 100, result = e.result, summary = e.summary,
  position = e.new_position, completed_at = now(), updated_at = now(), revision = t.revision + 1,
  duration_seconds = t.duration_seconds + ${runSeconds("e")}
from ended e where t.id = e.task_id
returning t.*, e.id as run_id, e.request_no, e.was_progress`;

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
