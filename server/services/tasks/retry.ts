import type { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import type { taskRef } from "./by-id.ts";
import { changeTask, settleTask } from "./change.ts";
import { lockTask } from "./find.ts";
import type { TaskRow } from "./task-row.ts";
import { entryKey, freshStart } from "./transitions.ts";
import { statusWord } from "./words.ts";

type RetryTask = z.output<typeof taskRef>;

/** Puts a failed or cancelled task back to Pending with all its attempts; the runs it had stay on record. */
export async function retryTask(ctx: Ctx, input: RetryTask): Promise<TaskRow> {
  const task = await mutate(ctx, (tx, record) => retryTaskIn(tx, record, ctx, input));
  rollUpSoon(ctx, task.workflowId);
  return task;
}

/** The same inside a transaction that is under way; the caller rolls the workflow up. */
export async function retryTaskIn(tx: Connection, record: Recorder, ctx: Ctx, input: RetryTask): Promise<TaskRow> {
  const before = await lockTask(tx, input.id);
  if (before.status !== "failed" && before.status !== "cancelled") {
    throw new Conflict(
      "invalid_transition",
      `Only a failed or cancelled task can be retried. This one is ${statusWord[before.status].toLowerCase()}.`,
      { from: before.status, to: "pending" },
    );
  }
  const after = await changeTask(tx, before, { ...freshStart(), position: entryKey("pending") });
  return settleTask(tx, record, ctx, { before, after, action: "retried" });
}
