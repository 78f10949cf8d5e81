import type { AuditChanges } from "../../../db/schema/index.ts";
import type { StoredEvent } from "../../realtime/events.ts";
import type { AgentCtx, Ctx } from "../context.ts";
import { type CreatedWorkflow, createWorkflow, createWorkflowInput } from "../workflows/create.ts";
import { type Claim, claimTasks } from "./claim.ts";
import { findTask } from "./find.ts";
import type { TaskRow } from "./task-row.ts";

interface SampleTask {
  key: string;
  dependsOn?: string[];
  priority?: "high" | "medium" | "low";
  requiredCapabilities?: string[];
  labels?: string[];
  dueDate?: string;
  queueTtlSeconds?: number;
}

/** A workflow with these tasks, each named as its key, and a way to read them. */
export async function sampleWorkflow(ctx: Ctx, tasks: SampleTask[], more: Record<string, unknown> = {}) {
  const input = { name: "Sample", tasks: tasks.map((task) => ({ name: task.key, ...task })), ...more };
  const workflow = await createWorkflow(ctx, createWorkflowInput.parse(input));
  return {
    workflow,
    task: (key: string) => findTask(ctx.db, idOf(workflow, key)),
    id: (key: string) => idOf(workflow, key),
  };
}

function idOf(workflow: CreatedWorkflow, key: string): string {
  const task = workflow.tasks.find((one) => one.key === key);
  if (!task) throw new Error(`The sample has no task ${key}`);
  return task.id;
}

/** The one task that is to be claimed in this workflow. */
export async function claimOne(agent: AgentCtx, workflowId: string): Promise<Claim> {
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId });
  if (!claim) throw new Error("Nothing could be claimed");
  return claim;
}

export interface Trace {
  action: string;
  actor: string;
  reason: string | null;
  changes: AuditChanges;
}

/** What the audit log says of this entity, oldest first. */
export async function auditOf(ctx: Ctx, id: string): Promise<Trace[]> {
  return ctx.db.query<Trace>(
    "select action, actor_name as actor, reason, changes from audit_logs where entity_id = $1 order by seq",
    [id],
  );
}

/** The events of this entity, oldest first. */
export async function eventsOf(
  ctx: Ctx,
  id: string,
): Promise<(Pick<StoredEvent, "type" | "revision"> & { data: unknown })[]> {
  return ctx.db.query("select type, revision, data from events where entity_id = $1 order by seq", [id]);
}

/** A row's place among the tasks of its column, by name. */
export async function columnOf(ctx: Ctx, workflowId: string, status: TaskRow["status"]): Promise<string[]> {
  const rows = await ctx.db.query<{ name: string }>(
    `select name from tasks where workflow_id = $1 and status = $2 and deleted_at is null order by position, id`,
    [workflowId, status],
  );
  return rows.map((row) => row.name);
}
