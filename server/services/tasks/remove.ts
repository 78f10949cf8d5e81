import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { flag, ref } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { findWorkflow } from "../workflows/find.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import type { taskRef } from "./by-id.ts";
import { changeTask, settleTask } from "./change.ts";
import { lockTask, lockTaskAnywhere } from "./find.ts";
import { endRunOf } from "./live-run.ts";
import type { TaskRow } from "./task-row.ts";
import { entryKey, freshStart } from "./transitions.ts";

export const removeTaskInput = z.object({ id: ref, force: flag });

/** Puts a task into the bin. What waited for it waits no more. */
export async function removeTask(ctx: Ctx, input: z.output<typeof removeTaskInput>): Promise<TaskRow> {
  const task = await mutate(ctx, async (tx, record) => {
    const before = await lockTask(tx, input.id);
    await endRunOf(tx, ctx, before.id, { force: input.force, doing: "Removing" });
    const held = before.status === "in_progress" && before.currentRunId !== null;
    const after = await changeTask(tx, before, {
      ...(held && { ...freshStart(), position: entryKey("pending") }),
      deletedAt: sql`now()`,
      ready: false,
    });
    return settleTask(tx, record, ctx, { before, after, action: "removed", event: "task_deleted" });
  });
  rollUpSoon(ctx, task.workflowId);
  return task;
}

/** Takes a task out of the bin, as it was. */
export async function restoreTask(ctx: Ctx, input: z.output<typeof taskRef>): Promise<TaskRow> {
  const task = await mutate(ctx, async (tx, record) => {
    const before = await lockTaskAnywhere(tx, input.id);
    if (!before.deletedAt) {
      record.nothing();
      return before;
    }
    const workflow = await findWorkflow(tx, before.workflowId);
    if (workflow.deletedAt) {
      throw new Conflict("not_running", "Its workflow is in the bin. Restore the workflow first.", {
        workflowId: workflow.id,
      });
    }
    const after = await changeTask(tx, before, { deletedAt: null });
    return settleTask(tx, record, ctx, { before, after, action: "restored" });
  });
  rollUpSoon(ctx, task.workflowId);
  return task;
}
