import type { Connection } from "../../../db/client.ts";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import type { Recorder } from "../mutate.ts";
import { assignTaskIn } from "../tasks/assign.ts";
import { cancelTaskIn } from "../tasks/cancel.ts";
import { createTaskIn } from "../tasks/create.ts";
import { moveTaskIn } from "../tasks/move.ts";
import { retryTaskIn } from "../tasks/retry.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { updateTaskIn } from "../tasks/update.ts";
import { statusWord } from "../tasks/words.ts";

interface Application {
  task: TaskRow;
  effect: SuggestionEffect;
  reason: string;
}

/** Does what an approved suggestion asks for, as the person who approved it. What stands in its way is thrown as a conflict. */
export async function applyEffect(tx: Connection, record: Recorder, ctx: Ctx, application: Application): Promise<void> {
  const { task, effect, reason } = application;
  switch (effect.kind) {
    case "set_status":
      return setStatus(tx, record, ctx, { task, effect, reason });
    case "set_priority":
      await updateTaskIn(tx, record, { id: task.id, priority: effect.priority });
      return;
    case "assign":
      await assignTaskIn(tx, record, { id: task.id, agentId: effect.agentId });
      return;
    case "add_task": {
      const { kind: _, ...fields } = effect;
      await createTaskIn(tx, record, ctx, { ...fields, workflowId: task.workflowId, dependsOn: [] });
      return;
    }
    case "retry":
      await retryTaskIn(tx, record, ctx, { id: task.id });
  }
}

async function setStatus(
  tx: Connection,
  record: Recorder,
  ctx: Ctx,
  { task, effect, reason }: Application & { effect: { kind: "set_status" } },
): Promise<void> {
  const { id } = task;
  if (task.status === effect.status) {
    const word = statusWord[effect.status].toLowerCase();
    throw new Conflict("invalid_transition", `The task is ${word} already.`, { from: task.status, to: effect.status });
  }
  if (effect.status === "cancelled") {
    await cancelTaskIn(tx, record, ctx, { id, reason });
    return;
  }
  // The approval is the confirmation that ends the run of whoever works on it, but not one to skip what it waits for.
  const force = task.status === "in_progress";
  await moveTaskIn(tx, record, ctx, { id, status: effect.status, force, reason });
}
