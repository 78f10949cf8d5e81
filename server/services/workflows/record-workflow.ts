import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import { workflowLabel } from "../tasks/labels.ts";
import { refreshReadiness } from "../tasks/readiness.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { WorkflowRow } from "./roll-up.ts";

/** Records what somebody did to a workflow: the whole row to subscribers, the changed fields to the audit log. */
export function recordWorkflow(
  record: Recorder,
  change: {
    workflow: WorkflowRow;
    before: WorkflowRow | null;
    action: string;
    event?: "workflow_created" | "workflow_update" | "workflow_deleted";
  },
): void {
  const { workflow, before, action, event = "workflow_update" } = change;
  record({
    event,
    entity: "workflow",
    action,
    id: workflow.id,
    revision: workflow.revision,
    before,
    after: workflow,
    ...(event === "workflow_deleted" && { data: { id: workflow.id } }),
    label: workflowLabel(workflow),
    workflowId: workflow.id,
  });
}

/**
 * Tells its open tasks whether they may be claimed, now that the workflow stopped or started. Those under a lease too:
 * one that comes back from its run must not be claimed while the workflow stands still.
 */
export async function refreshTasksOf(tx: Connection, record: Recorder, workflowId: string, by?: Ctx): Promise<void> {
  const open = await tx.query<{ id: string }>(
    "select id from tasks where workflow_id = $1 and status in ('pending', 'in_progress') and deleted_at is null",
    [workflowId],
  );
  const changed = await refreshReadiness(
    tx,
    open.map((task) => task.id),
  );
  for (const task of changed) recordTask(record, { task, before: null, action: false, by });
}
