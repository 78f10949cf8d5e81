import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { idempotent } from "../idempotency.ts";
import { idempotencyKey, ref } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { holdWorkflow } from "../workflows/find.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { dependsOn, findPredecessors, holdPredecessors } from "./dependencies.ts";
import { taskFields } from "./fields.ts";
import { insertEdges, insertTasks } from "./insert.ts";
import { recordTask } from "./record-task.ts";
import type { TaskRow } from "./task-row.ts";

export const createTaskInput = z.object({
  ...taskFields,
  workflowId: ref,
  dependsOn: dependsOn.default([]),
  idempotencyKey: idempotencyKey.optional(),
});
export type CreateTask = z.output<typeof createTaskInput>;

/** Adds a task to the end of a workflow's Pending column. A workflow that had ended runs again. */
export async function createTask(ctx: Ctx, input: CreateTask): Promise<TaskRow> {
  const task = await mutate(
    ctx,
    (tx, record) => createTaskIn(tx, record, ctx, input),
    idempotent(ctx, "tasks.create", input),
  );
  rollUpSoon(ctx, task.workflowId);
  return task;
}

/** The same inside a transaction that is under way; the caller rolls the workflow up. */
export async function createTaskIn(tx: Connection, record: Recorder, ctx: Ctx, input: CreateTask): Promise<TaskRow> {
  const workflow = await holdWorkflow(tx, input.workflowId);
  if (workflow.status === "cancelled") {
    throw new Conflict("not_running", "This workflow is cancelled. Retry it first, or use another workflow.", {
      status: workflow.status,
    });
  }
  const predecessorIds = await findPredecessors(tx, workflow.id, input.dependsOn);
  const unmetDependencies = await holdPredecessors(tx, predecessorIds);
  const newTask = { ...input, id: Bun.randomUUIDv7(), unmetDependencies };
  const [task] = await insertTasks(tx, ctx, workflow, [newTask]);
  if (!task) throw new Error("An insert answers with its row");
  await insertEdges(
    tx,
    predecessorIds.map((dependsOnId) => ({ taskId: task.id, dependsOnId })),
  );
  recordTask(record, { task, before: null, action: "created", event: "task_created" });
  return task;
}
