import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict, NotFound } from "../errors.ts";
import { clearable, id, optional, ref, revision } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { refuseStale } from "../stale.ts";
import { changeTask } from "./change.ts";
import { lockTask } from "./find.ts";
import { recordTask } from "./record-task.ts";
import type { TaskRow } from "./task-row.ts";
import { statusWord } from "./words.ts";

export const assignTaskInput = z.object({
  id: ref,
  /** Null, or a form's empty choice, leaves it to whoever can do it. */
  agentId: clearable(id),
  revision: optional(revision),
});
export type AssignTask = z.output<typeof assignTaskInput>;

/** Keeps a task for one agent. A wish for the next claim: a run that is under way goes on. */
export function assignTask(ctx: Ctx, input: AssignTask): Promise<TaskRow> {
  return mutate(ctx, (tx, record) => assignTaskIn(tx, record, input));
}

/** The same inside a transaction that is under way. */
export async function assignTaskIn(tx: Connection, record: Recorder, input: AssignTask): Promise<TaskRow> {
  const before = await lockTask(tx, input.id);
  await refuseStale(tx, { kind: "task", row: before, revision: input.revision, statusWord: statusWord[before.status] });
  if (before.assignedAgentId === input.agentId) {
    record.nothing();
    return before;
  }
  if (before.status === "completed" || before.status === "cancelled") {
    const message = `This task is ${statusWord[before.status].toLowerCase()}: nobody will work on it.`;
    throw new Conflict("terminal", message, { status: before.status });
  }
  if (input.agentId) await refuseUnknown(tx, input.agentId);
  const task = await changeTask(tx, before, { assignedAgentId: input.agentId });
  recordTask(record, { task, before, action: "assigned" });
  return task;
}

/** Held until the end of the transaction, so that one which is archived at this moment is not left with a task. */
async function refuseUnknown(tx: Connection, agentId: string): Promise<void> {
  const [agent] = await tx.query("select 1 from agents where id = $1 and archived_at is null for share", [agentId]);
  if (!agent) throw new NotFound("agent");
}
