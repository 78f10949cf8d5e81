import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { failurePolicies } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { idempotent } from "../idempotency.ts";
import { clearable, description, idempotencyKey, name, optional } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { taskFields } from "../tasks/fields.ts";
import { insertEdges, insertTasks } from "../tasks/insert.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { planTasks } from "./plan.ts";
import { workflowProgress } from "./progress.ts";
import { recordWorkflow } from "./record-workflow.ts";
import type { WorkflowRow } from "./roll-up.ts";

const key = z.string().trim().min(1, "Give the task a key.").max(100, "Keep a key to 100 characters.");

export const createWorkflowInput = z.strictObject({
  name,
  description: clearable(description).optional(),
  failurePolicy: optional(z.enum(failurePolicies, { error: "Choose continue or fail_fast." })),
  /** A draft waits until it is resumed. */
  status: optional(z.enum(["draft", "running"])),
  /** The graph: each task has a key of the caller's, by which others depend on it. */
  tasks: z
    .array(z.strictObject({ ...taskFields, key, dependsOn: z.array(key).max(200).default([]) }))
    .max(1000, "Create at most 1,000 tasks at once.")
    .default([]),
  idempotencyKey: idempotencyKey.optional(),
});
export type CreateWorkflow = z.output<typeof createWorkflowInput>;

export interface CreatedWorkflow extends WorkflowRow {
  /** In the order given. */
  tasks: { key: string; id: string; number: number }[];
}

/** Creates a workflow with all its tasks, or nothing. Always the same few statements, however many tasks. */
export function createWorkflow(ctx: Ctx, input: CreateWorkflow): Promise<CreatedWorkflow> {
  return mutate(
    ctx,
    (tx, record) => createWorkflowIn(tx, record, ctx, input),
    idempotent(ctx, "workflows.create", input),
  );
}

async function createWorkflowIn(
  tx: Connection,
  record: Recorder,
  ctx: Ctx,
  input: CreateWorkflow,
): Promise<CreatedWorkflow> {
  const { newTasks, edges, keys } = planTasks(input.tasks);
  const workflow = await insertWorkflow(tx, ctx, input);
  recordWorkflow(record, { workflow, before: null, action: "created", event: "workflow_created" });
  const tasks = newTasks.length > 0 ? await insertTasks(tx, ctx, workflow, newTasks) : [];
  await insertEdges(tx, edges);
  for (const task of tasks) recordTask(record, { task, before: null, action: "created", event: "task_created" });
  return {
    ...workflow,
    tasks: tasks.map((task: TaskRow) => ({ key: keys.get(task.id) ?? "", id: task.id, number: task.number })),
  };
}

async function insertWorkflow(tx: Connection, ctx: Ctx, input: CreateWorkflow): Promise<WorkflowRow> {
  const counts = { pending: input.tasks.length, in_progress: 0, completed: 0, failed: 0, cancelled: 0 };
  const [row] = await tx.query<object>(
    `insert into workflows (id, name, description, status, failure_policy, owner_id, progress, task_counts,
       created_by_type, created_by_id, created_by_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) returning *`,
    [
      Bun.randomUUIDv7(),
      input.name,
      input.description ?? null,
      input.status ?? "running",
      input.failurePolicy ?? "continue",
      ctx.actor.type === "person" ? ctx.actor.id : null,
      workflowProgress(counts),
      JSON.stringify(counts),
      ctx.actor.type,
      ctx.actor.id,
      ctx.actor.name,
    ],
  );
  if (!row) throw new Error("An insert answers with its row");
  return camelCased<WorkflowRow>(row);
}
