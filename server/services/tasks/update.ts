import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { rankOf } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { name, optional, ref, revision } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { refuseStale } from "../stale.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { changeTask } from "./change.ts";
import {
  dependencyLabels,
  dependsOn,
  findPredecessors,
  holdPredecessors,
  lockGraph,
  refuseCircle,
  setDependencies,
} from "./dependencies.ts";
import { taskFields } from "./fields.ts";
import { findTask, lockTask } from "./find.ts";
import { taskLabel } from "./labels.ts";
import { refreshReadiness } from "./readiness.ts";
import type { TaskRow } from "./task-row.ts";
import { statusWord } from "./words.ts";

export const updateTaskInput = z.object({
  ...taskFields,
  id: ref,
  revision: optional(revision),
  name: name.optional(),
  /** Replaces what it depends on. */
  dependsOn: dependsOn.optional(),
});
export type UpdateTask = z.output<typeof updateTaskInput>;

/** Changes what is said about a task; fields that are left out stay. */
export async function updateTask(ctx: Ctx, input: UpdateTask): Promise<TaskRow> {
  const task = await mutate(ctx, (tx, record) => updateTaskIn(tx, record, input));
  // What waits behind a failed task decides whether the workflow can go on.
  if (input.dependsOn) rollUpSoon(ctx, task.workflowId);
  return task;
}

/** The same inside a transaction that is under way. */
export async function updateTaskIn(tx: Connection, record: Recorder, input: UpdateTask): Promise<TaskRow> {
  const { id, revision, dependsOn, inputJson, ...rest } = input;
  const fields = { ...rest, ...(inputJson !== undefined && { input: inputJson }) };
  const predecessorIds = dependsOn && (await holdNew(tx, id, dependsOn));
  const before = await lockTask(tx, id);
  await refuseStale(tx, { kind: "task", row: before, revision, statusWord: statusWord[before.status] });

  const links = predecessorIds && (await relink(tx, before, predecessorIds));
  if (!links && !differs(before, fields)) {
    record.nothing();
    return before;
  }
  const changed = await changeTask(tx, before, {
    ...fields,
    ...(fields.priority && fields.priority !== before.priority && { queueRank: rankOf(fields.priority) }),
    ...(fields.queueTtlSeconds !== undefined &&
      fields.queueTtlSeconds !== before.queueTtlSeconds && { queueExpiresAt: expiryFromNow(fields.queueTtlSeconds) }),
  });
  const [recounted] = links ? await refreshReadiness(tx, [changed.id]) : [];
  const task = recounted ?? changed;
  record({
    event: "task_update",
    entity: "task",
    action: "updated",
    id: task.id,
    revision: task.revision,
    before: { ...before, ...(links && { dependsOn: links.before }) },
    after: { ...task, ...(links && { dependsOn: links.after }) },
    data: task,
    label: taskLabel(task),
    workflowId: task.workflowId,
    taskId: task.id,
  });
  return task;
}

/** A limit that is set or changed counts from that moment, so that it does not strike at once. */
const expiryFromNow = (seconds: number | null) =>
  sql`greatest(now(), queue_after) + make_interval(secs => ${seconds}::double precision)`;

/** Locks in the order that completing a task does: what is depended on first, then what depends on it. */
async function holdNew(tx: Connection, ref: string, refs: string[]): Promise<string[]> {
  const task = await findTask(tx, ref);
  if (task.deletedAt) throw new NotFound("task");
  await lockGraph(tx, task.workflowId);
  const ids = await findPredecessors(tx, task.workflowId, refs);
  await refuseCircle(tx, task, ids);
  await holdPredecessors(tx, ids);
  return ids;
}

/** The task's dependencies before and after, as labels; null when they stay the same. */
async function relink(tx: Connection, task: TaskRow, predecessorIds: string[]) {
  const before = await dependencyLabels(tx, task.id);
  await setDependencies(tx, task.id, predecessorIds);
  const after = await dependencyLabels(tx, task.id);
  return before.join("\n") === after.join("\n") ? null : { before, after };
}

function differs(before: TaskRow, fields: Partial<Record<keyof TaskRow, unknown>>): boolean {
  return Object.entries(fields).some(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name as keyof TaskRow]),
  );
}
