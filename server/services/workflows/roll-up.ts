import type { Connection } from "../../../db/client.ts";
import { type TaskStatus, taskStatuses, type WorkflowStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { workflows } from "../../../db/schema/index.ts";
import { asSystem, type Ctx, type Host } from "../context.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { workflowLabel } from "../tasks/labels.ts";
import { quoted } from "../where.ts";
import { type TaskCounts, workflowProgress } from "./progress.ts";
import { refreshTasksOf } from "./record-workflow.ts";

export type WorkflowRow = typeof workflows.$inferSelect;

/**
 * Rolls the workflow up after this commit, without making the caller wait for its row: while one roll-up runs, all that
 * is asked for meanwhile is answered by one more.
 */
export function rollUpSoon(ctx: Host, workflowId: string, options?: { isUrgent?: boolean }): void {
  ctx.background.run(`roll-up ${workflowId}`, () => rollUp(ctx, workflowId), options);
}

/** Derives a workflow's counts, progress and status from its tasks; the only writer of the first two. */
export async function rollUp(host: Host, workflowId: string): Promise<void> {
  await mutate(asSystem(host), (tx, record) => rollUpIn(tx, record, workflowId));
}

/** The same inside a transaction that is under way, for changes that must not be seen without it (fail fast). */
export async function rollUpIn(tx: Connection, record: Recorder, workflowId: string, by?: Ctx): Promise<void> {
  const [locked] = await tx.query<object>("select * from workflows where id = $1 for no key update", [workflowId]);
  if (!locked) return record.nothing();
  const before = camelCased<WorkflowRow>(locked);
  const { counts, runningPercent, runnable, firstFailed } = await countTasks(tx, workflowId);
  const status = statusOf(before, counts, runnable);
  const progress = workflowProgress(counts, runningPercent);
  const isSame =
    status === before.status &&
    progress === before.progress &&
    (Object.keys(counts) as (keyof TaskCounts)[]).every((key) => counts[key] === before.taskCounts[key]);
  if (isSame) return record.nothing();

  const [row] = await tx.query<object>(
    `update workflows set status = $2, progress = $3, task_counts = $4::jsonb,
       started_at = coalesce(started_at, case when $5 then now() end),
       completed_at = case when $2 in ('completed', 'failed') then coalesce(completed_at, now()) end,
       failed_reason = case when $2 = 'failed' then $6 end,
       updated_at = now(), revision = revision + 1
     where id = $1 returning *`,
    [
      workflowId,
      status,
      progress,
      JSON.stringify(counts),
      counts.in_progress + counts.completed + counts.failed > 0,
      firstFailed && `${firstFailed} failed`,
    ],
  );
  if (!row) return record.nothing();
  const after = camelCased<WorkflowRow>(row);
  record({
    event: "workflow_update",
    entity: "workflow",
    // Progress is a derived figure; only what it means for the workflow is worth a line in the audit log.
    action: status === before.status ? false : status === "running" ? "reopened" : status,
    id: workflowId,
    workflowId,
    revision: after.revision,
    before,
    after,
    label: workflowLabel(after),
    by,
  });
  // A workflow that stopped or re-opened changes which of its tasks may be claimed, now or when their runs end.
  if (status !== before.status) await refreshTasksOf(tx, record, workflowId, by);
}

/** The one part that grows with the workflow, its tasks by status, is read from an index alone. */
async function countTasks(tx: Connection, workflowId: string) {
  const there = "from tasks where workflow_id = $1 and deleted_at is null";
  const count = (status: TaskStatus) => `coalesce(sum(n) filter (where status = '${status}'), 0)::int as ${status}`;
  const [row] = await tx.query<
    TaskCounts & { running_percent: number; runnable: boolean; first_failed: string | null }
  >(
    `select ${taskStatuses.map(count).join(", ")},
       (select coalesce(sum(progress), 0)::int ${there} and status = 'in_progress') as running_percent,
       exists (select ${there} and status = 'in_progress')
         or exists (select ${there} and status = 'pending' and unmet_dependencies = 0) as runnable,
       (select 'T-' || number || ' ' || name ${there} and status = 'failed' order by completed_at limit 1) as first_failed
     from (select status, count(*) as n ${there} group by status) by_status`,
    [workflowId],
  );
  if (!row) throw new Error("An aggregate without groups always has one row");
  const { running_percent, runnable, first_failed, ...counts } = row;
  return { counts, runningPercent: running_percent, runnable, firstFailed: first_failed };
}

/**
 * What the tasks make of a workflow. Draft, paused and cancelled are a person's word and stay. With a failed task it
 * has failed once nothing is left that could run: a task behind a failed one never will.
 */
function statusOf(workflow: WorkflowRow, counts: TaskCounts, runnable: boolean): WorkflowStatus {
  if (!["running", "completed", "failed"].includes(workflow.status)) return workflow.status;
  const all = counts.pending + counts.in_progress + counts.completed + counts.failed;
  if (all > 0 && counts.completed === all) return "completed";
  if (counts.failed > 0 && (workflow.failurePolicy === "fail_fast" || !runnable)) return "failed";
  return "running";
}

/**
 * Rolls up what a crash between a commit and its roll-up may have left behind: every workflow that is open, and of those that
 * have ended the ones whose tasks changed of late.
 */
export async function rollUpAll(host: Host): Promise<void> {
  const suspects = await host.db.query<{ id: string }>(
    `select id from workflows
     where deleted_at is null and (status not in ('completed', 'failed', 'cancelled') or id in (
       select workflow_id from (select channel, workflow_id from events order by seq desc limit ${recentEvents}) recent
       where channel = 'tasks'
     ))`,
  );
  for (const { id } of suspects) await rollUp(host, id);
}

/** More than a busy factory announces between two looks. */
const recentEvents = 50_000;

/** Rolls up what changed of late: another instance may have crashed between a commit and its roll-up. */
export async function rollUpChanged(host: Host): Promise<void> {
  const changed = await host.db.query<{ id: string }>(
    `select distinct workflow_id as id from tasks
     where status in (${quoted(taskStatuses)}) and updated_at > now() - interval '5 minutes'`,
  );
  for (const { id } of changed) await rollUp(host, id);
}
