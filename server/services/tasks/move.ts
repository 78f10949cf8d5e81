import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { boardStatuses } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { flag, optional, ref, revision, text } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { refuseStale } from "../stale.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { changeTask, settleTask } from "./change.ts";
import { lockTask } from "./find.ts";
import { endRunOf } from "./live-run.ts";
import { placeFor } from "./place.ts";
import { recordTask } from "./record-task.ts";
import type { TaskRow } from "./task-row.ts";
import { canGo, entering } from "./transitions.ts";
import { statusWord } from "./words.ts";

export const moveTaskInput = z.object({
  id: ref,
  status: z.enum(boardStatuses, { error: "Choose pending, in_progress, completed or failed." }),
  /** The visible card that it lands before. */
  beforeId: optional(ref),
  /** The visible card that it lands after. */
  afterId: optional(ref),
  revision: optional(revision),
  /** Ends the run of an agent that is working on it, and starts it although it still waits for others. */
  force: flag,
  reason: optional(text(500)),
});
export type MoveTask = z.output<typeof moveTaskInput>;

/** Moves a card by hand: within its column, or to another one, which is a change of status. */
export async function moveTask(ctx: Ctx, input: MoveTask): Promise<TaskRow> {
  const task = await mutate(ctx, (tx, record) => moveTaskIn(tx, record, ctx, input));
  rollUpSoon(ctx, task.workflowId);
  return task;
}

/** The same inside a transaction that is under way; the caller rolls the workflow up. */
export async function moveTaskIn(tx: Connection, record: Recorder, ctx: Ctx, input: MoveTask): Promise<TaskRow> {
  const before = await lockTask(tx, input.id);
  await refuseStale(tx, {
    kind: "task",
    row: before,
    revision: input.revision,
    statusWord: statusWord[before.status],
  });
  const position = await placeFor(tx, before, input);
  if (before.status === input.status) return reorder(tx, record, before, position);

  if (!canGo(before.status, input.status)) {
    throw new Conflict(
      "invalid_transition",
      `A task cannot go from ${statusWord[before.status]} to ${statusWord[input.status]}. Move it to Pending first.`,
      { from: before.status, to: input.status },
    );
  }
  if (!input.force) await refuseUnmet(tx, before, input.status);
  await endRunOf(tx, ctx, before.id, { force: input.force, doing: "Moving" });
  const after = await changeTask(tx, before, { ...entering(input.status, ctx.actor, input.reason), position });
  return settleTask(tx, record, ctx, { before, after, action: "moved", reason: input.reason });
}

async function reorder(tx: Connection, record: Recorder, before: TaskRow, position: string): Promise<TaskRow> {
  if (position === before.position) {
    record.nothing();
    return before;
  }
  const task = await changeTask(tx, before, { position });
  recordTask(record, { task, before, action: "moved" });
  return task;
}

/** A task starts, and so is done, only when all that it depends on is completed. */
async function refuseUnmet(tx: Connection, task: TaskRow, status: MoveTask["status"]): Promise<void> {
  const starts = task.status === "pending" && (status === "in_progress" || status === "completed");
  if (!starts || task.unmetDependencies === 0) return;
  const [first] = await tx.query<{ number: number; name: string; status: string }>(
    `select p.number, p.name, p.status from task_dependencies d join tasks p on p.id = d.depends_on_id
     where d.task_id = $1 and p.status <> 'completed' and p.deleted_at is null order by p.number limit 1`,
    [task.id],
  );
  if (!first) return;
  const waits =
    task.unmetDependencies === 1
      ? `T-${first.number} ${first.name}`
      : `${task.unmetDependencies} tasks, first: T-${first.number} ${first.name}`;
  throw new Conflict("invalid_transition", `This task still waits for ${waits}. Confirm to move it anyway.`, {
    from: task.status,
    to: status,
    unmetDependencies: task.unmetDependencies,
    first,
  });
}
