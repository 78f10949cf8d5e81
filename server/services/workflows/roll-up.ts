import type { Connection } from "../../../db/client.ts";
import { taskStatuses, type WorkflowStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { workflows } from "../../../db/schema/index.ts";
import { asSystem, type Background, type Ctx, type Host } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { workflowLabel } from "../tasks/labels.ts";
import { quoted } from "../where.ts";
import { type TaskCounts, workflowProgress } from "./progress.ts";
import { refreshTasksOf } from "./record-workflow.ts";

export type WorkflowRow = typeof workflows.$inferSelect;

/**
 * Rolls the workflow up after this commit, without making the caller wait for its row. All that are asked for while a turn
 * of roll-ups runs go together in the next one, so that they take no more than their share however many workflows there
 * are; what is urgent does not wait for that turn.
 */
export function rollUpSoon(ctx: Host, workflowId: string, { isUrgent = false } = {}): void {
  if (isUrgent) {
    ctx.background.run(`roll-up ${workflowId}`, () => rollUp(ctx, workflowId), { isUrgent });
    return;
  }
  const waiting = waitingFor(ctx.background);
  waiting.add(workflowId);
  ctx.background.run("roll-ups", () => {
    const ids = [...waiting];
    waiting.clear();
    return rollUpEach(ctx, ids);
  });
}

const waitingSets = new WeakMap<Background, Set<string>>();

function waitingFor(background: Background): Set<string> {
  const waiting = waitingSets.get(background) ?? new Set();
  waitingSets.set(background, waiting);
  return waiting;
}

/** Derives a workflow's counts, progress and status from its tasks; the only writer of the first two. */
export const rollUp = (host: Host, workflowId: string): Promise<void> => rollUpTogether(host.db, { host, workflowId });

async function rollUpEach(host: Host, workflowIds: string[]): Promise<void> {
  const outcomes = await Promise.allSettled(workflowIds.map((id) => rollUp(host, id)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

const rollUpTogether = gathererFor(
  async (requests: { host: Host; workflowId: string }[]) => {
    const ids = requests.map(({ workflowId }) => workflowId);
    const [first] = requests;
    if (first) await mutate(asSystem(first.host), (tx, record) => rollUpIn(tx, record, ids));
    return requests.map(() => settled(undefined));
  },
  { max: 50 },
);

/** The same inside a transaction that is under way, for changes that must not be seen without it (fail fast). */
export async function rollUpIn(tx: Connection, record: Recorder, workflowIds: string[], by?: Ctx): Promise<void> {
  record.nothing();
  const locked = await tx.query<object>(
    "select * from workflows where id = any($1::uuid[]) order by id for no key update",
    [workflowIds],
  );
  const counted = await tx.query<Tally>(countStatement, [workflowIds]);
  const tallies = new Map(counted.map((tally) => [tally.id, tally]));
  const rolledUp = locked.flatMap((row) => {
    const before = camelCased<WorkflowRow>(row);
    const tally = tallies.get(before.id);
    const next = tally && rolledUpBy(before, tally);
    return next ? [{ before, next }] : [];
  });
  if (rolledUp.length === 0) return;

  const rows = await tx.query<object>(updateStatement, [
    JSON.stringify(rolledUp.map(({ before, next }) => ({ id: before.id, ...next }))),
  ]);
  const written = new Map(rows.map((row) => camelCased<WorkflowRow>(row)).map((row) => [row.id, row]));
  for (const { before } of rolledUp) {
    const after = written.get(before.id);
    if (!after) continue;
    record({
      event: "workflow_update",
      entity: "workflow",
      // Progress is a derived figure; only what it means for the workflow is worth a line in the audit log.
      action: after.status === before.status ? false : after.status === "running" ? "reopened" : after.status,
      id: after.id,
      workflowId: after.id,
      revision: after.revision,
      before,
      after,
      label: workflowLabel(after),
      by,
    });
    // A workflow that stopped or re-opened changes which of its tasks may be claimed, now or when their runs end.
    if (after.status !== before.status) await refreshTasksOf(tx, record, after.id, by);
  }
}

/** What the tasks of a workflow come to. */
interface Tally {
  id: string;
  counts: TaskCounts;
  running_percent: number;
  /** Something runs, or could once its workflow does. */
  runnable: boolean;
  first_failed: string | null;
}

/** The columns that change; undefined when none does. */
function rolledUpBy(before: WorkflowRow, { counts, running_percent, runnable, first_failed }: Tally) {
  const status = statusOf(before, counts, runnable);
  const progress = workflowProgress(counts, running_percent);
  const isSame =
    status === before.status &&
    progress === before.progress &&
    taskStatuses.every((one) => counts[one] === before.taskCounts[one]);
  if (isSame) return undefined;
  return {
    status,
    progress,
    task_counts: counts,
    has_started: counts.in_progress + counts.completed + counts.failed > 0,
    failed_reason: status === "failed" && first_failed ? `${first_failed} failed` : null,
  };
}

const updateStatement = `
update workflows set status = c.status, progress = c.progress, task_counts = c.task_counts,
  started_at = coalesce(started_at, case when c.has_started then now() end),
  completed_at = case when c.status in ('completed', 'failed') then coalesce(completed_at, now()) end,
  failed_reason = c.failed_reason, updated_at = now(), revision = revision + 1
from json_to_recordset($1::json) as c(id uuid, status text, progress int, task_counts jsonb, has_started boolean, failed_reason text)
where workflows.id = c.id
returning workflows.*`;

const there = "from tasks where workflow_id = w.id and deleted_at is null";

/** The one part that grows with the workflow, its tasks by status, is read from an index alone. */
const countStatement = `
select w.id, c.counts,
  (select coalesce(sum(progress), 0)::int ${there} and status = 'in_progress') as running_percent,
  exists (select ${there} and status = 'in_progress')
    or exists (select ${there} and status = 'pending' and unmet_dependencies = 0) as runnable,
  (select 'T-' || number || ' ' || name ${there} and status = 'failed' order by completed_at limit 1) as first_failed
from unnest($1::uuid[]) as w(id), lateral (
  select json_build_object(${taskStatuses
    .map((status) => `'${status}', coalesce(sum(n) filter (where status = '${status}'), 0)`)
    .join(", ")}) as counts
  from (select status, count(*) as n ${there} group by status) by_status
) c`;

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
  await rollUpEach(
    host,
    suspects.map(({ id }) => id),
  );
}

/** More than a busy factory announces between two looks. */
const recentEvents = 50_000;

/** Rolls up what changed of late: another instance may have crashed between a commit and its roll-up. */
export async function rollUpChanged(host: Host): Promise<void> {
  const changed = await host.db.query<{ id: string }>(
    `select distinct workflow_id as id from tasks
     where status in (${quoted(taskStatuses)}) and updated_at > now() - interval '5 minutes'`,
  );
  await rollUpEach(
    host,
    changed.map(({ id }) => id),
  );
}
