import { inArray, sql } from "drizzle-orm";
import type { Connection } from "../../../db/client.ts";
import type { TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import { tasks } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import { supersedeSuggestions } from "../suggestions/supersede.ts";
import type { TaskFields } from "../tasks/change.ts";
import { bottomKey } from "../tasks/position.ts";
import type { TaskRow } from "../tasks/task-row.ts";

/** The workflow's tasks in these states, locked in id order as everybody does. */
export async function lockTasksOf(tx: Connection, workflowId: string, statuses: TaskStatus[]): Promise<TaskRow[]> {
  const rows = await tx.query<object>(
    `select * from tasks where workflow_id = $1 and status = any($2::text[]) and deleted_at is null
     order by id for no key update`,
    [workflowId, statuses],
  );
  return rows.map((row) => camelCased<TaskRow>(row));
}

/** What was suggested on those of them that have moved on no longer waits for anybody. */
export async function supersedeOn(tx: Connection, record: Recorder, ctx: Ctx, changed: TaskRow[]): Promise<void> {
  const waiting = changed.filter((task) => task.pendingSuggestions > 0).map((task) => task.id);
  if (waiting.length > 0) await supersedeSuggestions(tx, record, ctx, waiting);
}

/** A place at the end of Pending for each of them, in the order of their numbers. */
export function placesAtBottom(tasksAtHand: TaskRow[]) {
  const ordered = tasksAtHand.toSorted((a, b) => a.number - b.number);
  const keys = Object.fromEntries(ordered.map((task) => [task.id, bottomKey()]));
  return sql`${JSON.stringify(keys)}::json ->> ${tasks.id}::text`;
}

/** Writes the same fields to all of them, whose rows are locked; each with what it was before. */
export async function changeTasks(
  tx: Connection,
  befores: TaskRow[],
  fields: TaskFields,
): Promise<{ before: TaskRow; task: TaskRow }[]> {
  if (befores.length === 0) return [];
  const rows = await tx.orm
    .update(tasks)
    .set({ ...fields, updatedAt: sql`now()`, revision: sql`${tasks.revision} + 1` })
    .where(
      inArray(
        tasks.id,
        befores.map((task) => task.id),
      ),
    )
    .returning();
  const afters = new Map(rows.map((task) => [task.id, task]));
  return befores.flatMap((before) => {
    const task = afters.get(before.id);
    return task ? [{ before, task }] : [];
  });
}
