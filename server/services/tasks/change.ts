import { and, eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Connection } from "../../../db/client.ts";
import { tasks } from "../../../db/schema/index.ts";
import { asSystem, type Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import type { Recorder } from "../mutate.ts";
import { supersedeSuggestions } from "../suggestions/supersede.ts";
import { rollUpIn } from "../workflows/roll-up.ts";
import { refreshDependents, refreshReadiness } from "./readiness.ts";
import { recordTask } from "./record-task.ts";
import type { TaskRow } from "./task-row.ts";

/** Values to write: plain, or by the database such as its clock. */
export type TaskFields = PgUpdateSetSource<typeof tasks>;

/** Writes these fields, if the row is still as it was read. */
export async function changeTask(tx: Connection, before: TaskRow, fields: TaskFields): Promise<TaskRow> {
  const [row] = await tx.orm
    .update(tasks)
    .set({ ...fields, updatedAt: sql`now()`, revision: sql`${tasks.revision} + 1` })
    .where(and(eq(tasks.id, before.id), eq(tasks.revision, before.revision)))
    .returning();
  if (!row) throw new Conflict("stale_revision", "Someone else changed this task at the same moment. Try again.");
  return row;
}

export interface Change {
  before: TaskRow;
  after: TaskRow;
  action: string;
  event?: "task_deleted";
  reason?: string | undefined;
}

/**
 * Records a change of status or presence, and does what follows from it at once: what waits for the task is recounted,
 * its open suggestions are superseded, and a workflow that fails fast fails. Answers with the row as it is then.
 */
export async function settleTask(tx: Connection, record: Recorder, ctx: Ctx, change: Change): Promise<TaskRow> {
  const { before, after } = change;
  const [recounted] = after.status === "pending" ? await readyAgain(tx, after) : [];
  const settled = recounted ?? after;
  const { action, event, reason } = change;
  recordTask(record, { task: settled, before, action, reason, ...(event && { event }) });

  const satisfied = (task: TaskRow) => task.status === "completed" || task.deletedAt !== null;
  if (satisfied(before) !== satisfied(settled)) {
    for (const task of await refreshDependents(tx, [settled.id])) {
      recordTask(record, { task, before: null, action: false });
    }
  }
  if (settled.status === "failed") await failFast(tx, record, ctx, settled.workflowId);
  const goesOn = settled.status === "in_progress" && !settled.deletedAt;
  if (settled.pendingSuggestions === 0 || goesOn) return settled;
  await supersedeSuggestions(tx, record, ctx, [settled.id]);
  const [row] = await tx.orm.select().from(tasks).where(eq(tasks.id, settled.id));
  return row ?? settled;
}

/** Holds the workflow: one that is paused or resumed at this moment would not see the task among its open ones. */
async function readyAgain(tx: Connection, task: TaskRow): Promise<TaskRow[]> {
  await tx.query("select id from workflows where id = $1 for share", [task.workflowId]);
  return refreshReadiness(tx, [task.id]);
}

async function failFast(tx: Connection, record: Recorder, ctx: Ctx, workflowId: string): Promise<void> {
  const [isFast] = await tx.query("select 1 from workflows where id = $1 and failure_policy = 'fail_fast'", [
    workflowId,
  ]);
  if (isFast) await rollUpIn(tx, record, [workflowId], asSystem(ctx, ctx.requestId));
}
