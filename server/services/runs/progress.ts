import { z } from "zod";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx } from "../context.ts";
import { text } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { lease, lockLiveRun } from "./fencing.ts";

export const progressInput = z.strictObject({
  ...lease,
  percent: z.number().min(0, "Give a percentage from 0 to 100.").max(100, "Give a percentage from 0 to 100."),
  note: text(500).optional(),
});

/** Reports how far the run is. It never goes back within a run; the note is the latest one. */
export async function reportProgress(
  ctx: AgentCtx,
  input: z.output<typeof progressInput>,
): Promise<{ percent: number }> {
  const task = await mutate(ctx, async (tx, record) => {
    const run = await lockLiveRun(tx, ctx, input);
    const [row] = await tx.query<object>(
      `update tasks set progress = greatest(progress, $2), progress_note = coalesce($3, progress_note),
         updated_at = now(), revision = revision + 1
       where id = $1 returning *`,
      [run.taskId, Math.floor(input.percent), input.note ?? null],
    );
    if (!row) throw new Error("A live run has a task");
    const task = camelCased<TaskRow>(row);
    recordTask(record, { task, before: null, action: false });
    return task;
  });
  rollUpSoon(ctx, task.workflowId);
  return { percent: task.progress };
}
