import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { gathererFor, settled } from "../gather.ts";
import { idempotent } from "../idempotency.ts";
import { idempotencyKey, ref } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { refOf } from "../refs.ts";
import { holdWorkflow } from "../workflows/find.ts";
import { rollUpSoon, type WorkflowRow } from "../workflows/roll-up.ts";
import { dependsOn, findPredecessors, holdPredecessors } from "./dependencies.ts";
import { taskFields } from "./fields.ts";
import { insertEdges, insertIntoOpen, insertRecorded } from "./insert.ts";
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
  const key = idempotent(ctx, "tasks.create", input);
  const isPlain = !key && input.dependsOn.length === 0 && refOf(input.workflowId, "W")?.column === "id";
  const task =
    (isPlain && (await createNow(ctx.db, { ctx, input }))) ||
    (await mutate(ctx, (tx, record) => createTaskIn(tx, record, ctx, input), key));
  // A task that waits for nothing but its workflow waits for this roll-up.
  rollUpSoon(ctx, task.workflowId, { isUrgent: !task.ready && task.unmetDependencies === 0 });
  return task;
}

/** Tasks that are added at the same time share a statement. Undefined when the workflow takes no tasks: the other way says why. */
const createNow = gathererFor(async (requests: { ctx: Ctx; input: CreateTask }[]) => {
  const [first] = requests;
  if (!first) return [];
  const additions = requests.map(({ ctx, input }) => {
    const task = { ...input, id: Bun.randomUUIDv7(), unmetDependencies: 0 };
    return { by: ctx, workflowId: input.workflowId, task };
  });
  const created = await insertIntoOpen(first.ctx, additions);
  return additions.map(({ task }) => settled(created.get(task.id)));
});

/** Holds the workflow, which must not be cancelled. */
async function openWorkflow(tx: Connection, ref: string): Promise<WorkflowRow> {
  const workflow = await holdWorkflow(tx, ref);
  if (workflow.status === "cancelled") {
    throw new Conflict("not_running", "This workflow is cancelled. Retry it first, or use another workflow.", {
      status: workflow.status,
    });
  }
  return workflow;
}

/** The same inside a transaction that is under way; the caller rolls the workflow up. */
export async function createTaskIn(tx: Connection, record: Recorder, ctx: Ctx, input: CreateTask): Promise<TaskRow> {
  const workflow = await openWorkflow(tx, input.workflowId);
  const predecessorIds = await findPredecessors(tx, workflow.id, input.dependsOn);
  const unmetDependencies = await holdPredecessors(tx, predecessorIds);
  const newTask = { ...input, id: Bun.randomUUIDv7(), unmetDependencies };
  const task = await insertRecorded(record, { by: ctx, workflow, task: newTask });
  await insertEdges(
    tx,
    predecessorIds.map((dependsOnId) => ({ taskId: task.id, dependsOnId })),
  );
  return task;
}
