import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx, Ctx } from "../context.ts";
import { text } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { supersedeSuggestions } from "../suggestions/supersede.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { rollUpIn, rollUpSoon } from "../workflows/roll-up.ts";
import { endLiveRuns, type RunRow } from "./end-runs.ts";
import { lease, refusalOf } from "./fencing.ts";
import { keepLateOutput } from "./late-output.ts";
import { type Requeue, requeue } from "./requeue.ts";

export const failInput = z.strictObject({
  ...lease,
  error: text(10_000).min(1, "Say what went wrong."),
  /** False when another attempt is pointless: the task fails at once. */
  retryable: z.boolean().default(true),
});

export const releaseInput = z.strictObject({ ...lease, reason: text(2_000).optional() });

export interface GivenUp {
  taskId: string;
  runId: string;
  /** Pending again, or failed for good. */
  status: TaskRow["status"];
  /** When it may be claimed again; null for at once or never. */
  queueAfter: Date | null;
}

/**
 * The agent reports failure. The task goes back with a back-off, or fails when its attempts are used up. A repeat gets
 * the first answer, whatever has become of the task since.
 */
export function failRun(ctx: AgentCtx, input: z.output<typeof failInput>): Promise<GivenUp> {
  return giveUp(ctx, input, { outcome: "failed", reason: input.error, retryable: input.retryable });
}

/** The agent hands its task back undone: it is pending again at once, and the attempt does not count. */
export function releaseRun(ctx: AgentCtx, input: z.output<typeof releaseInput>): Promise<GivenUp> {
  const reason = input.reason ?? `Handed back by ${ctx.actor.name}`;
  return giveUp(ctx, input, { outcome: "released", reason, retryable: true });
}

interface Ending {
  outcome: "failed" | "released";
  reason: string;
  retryable: boolean;
}

async function giveUp(
  ctx: AgentCtx,
  { runId, leaseToken }: { runId: string; leaseToken: string },
  ending: Ending,
): Promise<GivenUp> {
  const { task, refusal } = await mutate(ctx, async (tx, record) => {
    await tx.query("select id from tasks where id = (select task_id from task_runs where id = $1) for no key update", [
      runId,
    ]);
    const [row] = await tx.query<object>(
      "select r.*, t.workflow_id from task_runs r join tasks t on t.id = r.task_id where r.id = $1",
      [runId],
    );
    const run = row && camelCased<RunRow & { workflowId: string }>(row);
    const refusal = refusalOf(run, ctx.actor.id, leaseToken);
    if (refusal || !run) {
      record.nothing();
      const isOwn = run?.agentId === ctx.actor.id && run.leaseToken === leaseToken;
      if (run && isOwn && run.outcome === ending.outcome) return { task: await firstAnswer(tx, run), refusal: null };
      if (run && isOwn && ending.outcome === "failed")
        await keepLateOutput(tx, record, ctx, run, { error: ending.reason });
      return { task: undefined, refusal };
    }
    const released = ending.outcome === "released";
    await endLiveRuns(tx, [run.taskId], ending.outcome, ending.reason);
    const [task] = await putBack(tx, record, ctx, [{ taskId: run.taskId, ...ending, released }], ending.outcome);
    if (ending.outcome === "failed") {
      await tx.query("update agents set last_error = $2, last_error_at = now() where id = $1", [
        ctx.actor.id,
        ending.reason.slice(0, 500),
      ]);
    }
    return { task, refusal: null };
  });
  if (!task) throw refusal ?? new Error("A run ended without its task");
  rollUpSoon(ctx, task.workflowId);
  return { taskId: task.id, runId, status: task.status, queueAfter: task.queueAfter };
}

type Answered = Pick<TaskRow, "id" | "workflowId" | "status" | "queueAfter">;

/** What the end of the run made of its task, as the audit log has it, whatever was done since; else what the task is now. */
async function firstAnswer(tx: Connection, run: RunRow): Promise<Answered | undefined> {
  const [row] = await tx.query<object>(
    `select t.id, t.workflow_id, coalesce(l.changes #>> '{status,after}', t.status) as status,
       case when l.seq is null then t.queue_after else (l.changes #>> '{queueAfter,after}')::timestamptz end as queue_after
     from task_runs r join tasks t on t.id = r.task_id left join audit_logs l on l.entity_type = 'task'
       and l.entity_id = t.id and l.action = r.outcome and l.actor_id = r.agent_id and l.created_at = r.ended_at
     where r.id = $1`,
    [run.id],
  );
  return row && camelCased<Answered>(row);
}

/** Requeues tasks whose runs have just ended without success, and records it with all that follows from it. */
export async function putBack(
  tx: Connection,
  record: Recorder,
  by: Ctx,
  requeues: Requeue[],
  action: string,
): Promise<TaskRow[]> {
  const tasks = await requeue(tx, requeues);
  for (const task of tasks) {
    const reason = requeues.find((one) => one.taskId === task.id)?.reason;
    const before = {
      ...task,
      status: "in_progress" as const,
      completedAt: null,
      queueAfter: null,
      failureReason: null,
    };
    recordTask(record, { task, before, action, reason, by });
  }
  await settleFailed(tx, record, by, tasks);
  return tasks;
}

/** Supersedes what was asked about these tasks, and fails the workflows of the failed ones at once where they fail fast. */
export async function settleFailed(tx: Connection, record: Recorder, by: Ctx, tasks: TaskRow[]): Promise<void> {
  const failed = tasks.filter((task) => task.status === "failed");
  const waiting = tasks.filter((task) => task.pendingSuggestions > 0).map((task) => task.id);
  if (waiting.length > 0) await supersedeSuggestions(tx, record, by, waiting);
  if (failed.length === 0) return;
  const failFast = await tx.query<{ id: string }>(
    "select id from workflows where id = any($1::uuid[]) and failure_policy = 'fail_fast'",
    [failed.map((task) => task.workflowId)],
  );
  const ids = failFast.map(({ id }) => id);
  if (ids.length > 0) await rollUpIn(tx, record, ids, by);
}
