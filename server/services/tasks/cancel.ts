import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { optional, ref, text } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { changeTask, settleTask, type TaskFields } from "./change.ts";
import { lockTask } from "./find.ts";
import { endRuns } from "./live-run.ts";
import type { TaskRow } from "./task-row.ts";

export const cancelTaskInput = z.object({ id: ref, reason: optional(text(500)) });
export type CancelTask = z.output<typeof cancelTaskInput>;

/** Takes a task out of the work that is to be done, and ends the run of an agent that is on it. */
export async function cancelTask(ctx: Ctx, input: CancelTask): Promise<TaskRow> {
  const task = await mutate(ctx, (tx, record) => cancelTaskIn(tx, record, ctx, input));
  rollUpSoon(ctx, task.workflowId);
  return task;
}

/** The same inside a transaction that is under way; the caller rolls the workflow up. */
export async function cancelTaskIn(tx: Connection, record: Recorder, ctx: Ctx, input: CancelTask): Promise<TaskRow> {
  const before = await lockTask(tx, input.id);
  if (before.status === "completed") {
    throw new Conflict("terminal", "This task is completed: there is nothing left to cancel.", {
      status: before.status,
    });
  }
  if (before.status === "cancelled") {
    record.nothing();
    return before;
  }
  await endRuns(tx, [before.id], `${ctx.actor.name} cancelled the task`);
  const after = await changeTask(tx, before, cancelled(ctx, input.reason));
  return settleTask(tx, record, ctx, { before, after, action: "cancelled", reason: input.reason });
}

const cancelled = (ctx: Ctx, reason: string | undefined) =>
  ({
    status: "cancelled" as const,
    currentRunId: null,
    queueAfter: null,
    completedAt: sql`now()`,
    failureReason: reason ?? `Cancelled by ${ctx.actor.name}`,
  }) satisfies TaskFields;
