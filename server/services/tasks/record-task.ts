import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import { taskLabel } from "./labels.ts";
import type { TaskRow } from "./task-row.ts";

/** Records what happened to a task: the whole row to subscribers, the changed fields to the audit log. */
export function recordTask(
  record: Recorder,
  change: {
    task: TaskRow;
    /** The row, or the fields of it that matter, as it was; null with `action: false`. */
    before: Partial<TaskRow> | null;
    action: string | false;
    event?: "task_created" | "task_update" | "task_deleted";
    reason?: string | null | undefined;
    by?: Pick<Ctx, "actor" | "requestId"> | undefined;
  },
): void {
  const { task } = change;
  record({
    event: change.event ?? "task_update",
    entity: "task",
    action: change.action,
    id: task.id,
    revision: task.revision,
    before: change.before,
    after: task,
    ...(change.event === "task_deleted" && { data: { id: task.id } }),
    label: taskLabel(task),
    workflowId: task.workflowId,
    taskId: task.id,
    reason: change.reason,
    by: change.by,
  });
}
