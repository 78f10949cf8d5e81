import type { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { TaskStatus } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { refreshReadiness } from "../tasks/readiness.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { freshStart } from "../tasks/transitions.ts";
import type { workflowRef } from "./by-id.ts";
import { changeWorkflow } from "./change.ts";
import { lockWorkflow } from "./find.ts";
import { cannot } from "./pause.ts";
import { recordWorkflow, refreshTasksOf } from "./record-workflow.ts";
import { rollUpSoon, type WorkflowRow } from "./roll-up.ts";
import { changeTasks, lockTasksOf, placesAtBottom, supersedeOn } from "./task-changes.ts";

/**
 * Puts what failed back to work, with all its attempts; in a cancelled workflow what was cancelled too. A workflow that
 * had ended runs again.
 */
export async function retryWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowRow> {
  const workflow = await mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, input.id);
    const again: TaskStatus[] = before.status === "cancelled" ? ["failed", "cancelled"] : ["failed"];
    const retried = await retryTasks(tx, record, before.id, again);
    await supersedeOn(tx, record, ctx, retried);
    const hasEnded = before.status === "failed" || before.status === "cancelled";
    if (!hasEnded && retried.length === 0) {
      throw cannot(
        "running",
        before.status,
        "Only a failed or cancelled workflow, or one with failed tasks, can be retried.",
      );
    }
    const status = hasEnded || before.status === "completed" ? "running" : before.status;
    const workflow = await changeWorkflow(tx, before, { status, completedAt: null, failedReason: null });
    recordWorkflow(record, { workflow, before, action: "retried" });
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
  rollUpSoon(ctx, workflow.id);
  return workflow;
}

async function retryTasks(
  tx: Connection,
  record: Recorder,
  workflowId: string,
  statuses: TaskStatus[],
): Promise<TaskRow[]> {
  const befores = await lockTasksOf(tx, workflowId, statuses);
  const changed = await changeTasks(tx, befores, { ...freshStart(), position: placesAtBottom(befores) });
  const recounted = await refreshReadiness(
    tx,
    changed.map(({ task }) => task.id),
  );
  const current = new Map(recounted.map((task) => [task.id, task]));
  return changed.map((change) => {
    const task = current.get(change.task.id) ?? change.task;
    recordTask(record, { task, before: change.before, action: "retried" });
    return task;
  });
}
