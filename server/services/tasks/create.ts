import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict, DomainError } from "../errors.ts";
import { gathererFor, refused, type Settled, settled } from "../gather.ts";
import { idempotent } from "../idempotency.ts";
import { idempotencyKey, ref } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { holdWorkflow } from "../workflows/find.ts";
import { rollUpSoon, type WorkflowRow } from "../workflows/roll-up.ts";
import { dependsOn, findPredecessors, holdPredecessors } from "./dependencies.ts";
import { taskFields } from "./fields.ts";
import { insertEdges, insertRecorded } from "./insert.ts";
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
  const isPlain = !key && input.dependsOn.length === 0;
  const task = await (isPlain
    ? createNow(ctx.db, { ctx, input })
    : mutate(ctx, (tx, record) => createTaskIn(tx, record, ctx, input), key));
  // A task that waits for nothing but its workflow waits for this roll-up.
  rollUpSoon(ctx, task.workflowId, { isUrgent: !task.ready && task.unmetDependencies === 0 });
  return task;
}

/** Tasks that are added at the same time share a transaction, each refused on its own. */
const createNow = gathererFor(async (requests: { ctx: Ctx; input: CreateTask }[]) => {
  const [first] = requests;
  if (!first) return [];
  return mutate(first.ctx, async (tx, record) => {
    const workflows = await openWorkflows(
      tx,
      requests.map(({ input }) => input.workflowId),
    );
    const additions = requests.flatMap(({ ctx, input }) => {
      const workflow = workflows.get(input.workflowId);
      const task = { ...input, id: Bun.randomUUIDv7(), unmetDependencies: 0 };
      return workflow?.ok ? [{ by: ctx, workflow: workflow.answer, task, input }] : [];
    });
    if (additions.length === 0) record.nothing();
    const tasks = await insertRecorded(record, additions);
    const created = new Map(additions.map(({ input, task }) => [input, tasks.get(task.id)]));
    return requests.map(({ input }) => {
      const task = created.get(input);
      const workflow = workflows.get(input.workflowId);
      if (task) return settled(task);
      return workflow && !workflow.ok ? workflow : refused(new Error("A new task was left without an answer"));
    });
  });
});

/** Holds each of these workflows that takes tasks; by the name that was asked for, the refusal of the others. */
async function openWorkflows(tx: Connection, refs: string[]): Promise<Map<string, Settled<WorkflowRow>>> {
  const distinct = [...new Set(refs)].toSorted();
  const outcomes = await Promise.allSettled(distinct.map((ref) => openWorkflow(tx, ref)));
  return new Map(
    distinct.map((ref, i) => {
      const outcome = outcomes[i];
      if (outcome?.status === "fulfilled") return [ref, settled(outcome.value)];
      // What is no refusal of ours has undone the transaction.
      if (!(outcome?.reason instanceof DomainError)) throw outcome?.reason;
      return [ref, refused(outcome.reason)];
    }),
  );
}

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
  const task = (await insertRecorded(record, [{ by: ctx, workflow, task: newTask }])).get(newTask.id);
  if (!task) throw new Error("An insert answers with its row");
  await insertEdges(
    tx,
    predecessorIds.map((dependsOnId) => ({ taskId: task.id, dependsOnId })),
  );
  return task;
}
