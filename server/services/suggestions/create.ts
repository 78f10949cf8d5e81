import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { suggestions } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../context.ts";
import { Conflict, Invalid, NotFound, TooMany } from "../errors.ts";
import { idempotent } from "../idempotency.ts";
import { id, idempotencyKey, ref, text } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import type { RunRow } from "../runs/end-runs.ts";
import { refusalOf } from "../runs/fencing.ts";
import { lockTask } from "../tasks/find.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { effect } from "./effect.ts";
import { recordSuggestion } from "./record-suggestion.ts";
import { recountPending } from "./settle.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

const howSure = "Give the confidence as a number from 0 to 1: 85 % sure is 0.85. Leave it out if the agent cannot say.";

export const createSuggestionInput = z.object({
  taskId: ref,
  /** The agent's live run of that task, with its lease token; found by itself when left out. */
  runId: id.optional(),
  leaseToken: id.optional(),
  action: text(500).min(1, "Say what you suggest to do, in a few words."),
  reasoning: text(20_000).optional(),
  confidence: z.number(howSure).min(0, howSure).max(1, howSure).optional(),
  effect: effect.optional(),
  /** After this moment nobody need decide any more. */
  expiresAt: z.coerce.date("Give the time as 2026-01-31T09:00:00Z.").optional(),
  idempotencyKey: idempotencyKey.optional(),
});
type CreateSuggestion = z.output<typeof createSuggestionInput>;

const maxPendingPerTask = 100;

/** Asks a person for a decision. While it waits, the time limit of the run that asks stands still. */
export function createSuggestion(ctx: AgentCtx, input: CreateSuggestion): Promise<SuggestionRow> {
  return mutate(
    ctx,
    async (tx, record) => {
      const task = await lockTask(tx, input.taskId);
      refuseHopeless(task);
      const runId = await ownRun(tx, ctx, { task, runId: input.runId, leaseToken: input.leaseToken });
      await refuseUnknownAgent(tx, input);
      const suggestion = await insert(tx, ctx, { task, runId, input });
      recordSuggestion(record, { suggestion, before: null, action: "created", event: "suggestion_created" });
      for (const changed of await recountPending(tx, [task.id])) {
        recordTask(record, { task: changed, before: null, action: false });
      }
      return suggestion;
    },
    idempotent(ctx, "suggestions.create", input),
  );
}

function refuseHopeless(task: TaskRow): void {
  if (task.status === "cancelled") {
    throw new Conflict("terminal", "This task is cancelled: nobody will act on a suggestion.", { status: task.status });
  }
  if (task.pendingSuggestions >= maxPendingPerTask) {
    throw new TooMany(`${maxPendingPerTask} suggestions wait on this task already. Wait for decisions first.`, 60);
  }
}

/** The agent's own live run of the task: the one it names, which must be that, or the one it has. */
async function ownRun(
  tx: Connection,
  ctx: AgentCtx,
  named: { task: TaskRow; runId?: string | undefined; leaseToken?: string | undefined },
): Promise<string | null> {
  const { task, runId, leaseToken } = named;
  const which = runId ? "id = $1" : "task_id = $1 and agent_id = $2 and ended_at is null";
  const params = runId ? [runId] : [task.id, ctx.actor.id];
  const [row] = await tx.query<object>(`select * from task_runs where ${which}`, params);
  if (!runId) return row ? camelCased<RunRow>(row).id : null;
  if (!leaseToken) throw new Invalid({ leaseToken: ["Give the lease token of the run, or leave the run out."] });
  const run = row && camelCased<RunRow>(row);
  if (!run) throw new NotFound("run");
  if (run.taskId !== task.id) {
    throw new Conflict("other_holder", "This run belongs to another task. Name the task that the run works on.", {
      runId,
      taskId: run.taskId,
    });
  }
  const refusal = refusalOf(run, ctx.actor.id, leaseToken);
  if (refusal) throw refusal;
  return run.id;
}

async function refuseUnknownAgent(tx: Connection, { effect }: CreateSuggestion): Promise<void> {
  if (effect?.kind !== "assign" || !effect.agentId) return;
  const [agent] = await tx.query("select 1 from agents where id = $1 and archived_at is null", [effect.agentId]);
  if (!agent) throw new Invalid({ "effect.agentId": ["There is no such agent. Name one that is registered."] });
}

async function insert(
  tx: Connection,
  ctx: AgentCtx,
  { task, runId, input }: { task: TaskRow; runId: string | null; input: CreateSuggestion },
): Promise<SuggestionRow> {
  const [row] = await tx.orm
    .insert(suggestions)
    .values({
      workflowId: task.workflowId,
      taskId: task.id,
      agentId: ctx.actor.id,
      runId,
      action: input.action,
      reasoning: input.reasoning,
      confidence: input.confidence,
      effect: input.effect,
      expiresAt: input.expiresAt,
      // Counting it among the task's pending ones is the task's next revision.
      taskRevision: task.revision + 1,
    })
    .returning();
  if (!row) throw new Error("An insert answers with its row");
  if (row.expiresAt && row.expiresAt <= row.createdAt) {
    throw new Invalid({ expiresAt: ["This time is over already. Give one that lies ahead."] });
  }
  return row;
}
