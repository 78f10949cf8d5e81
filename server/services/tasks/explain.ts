import type { z } from "zod";
import type { Ctx } from "../context.ts";
import type { taskRef } from "./by-id.ts";
import { type Facts, readFacts } from "./explain-facts.ts";
import { explainPending } from "./explain-pending.ts";
import { findTask } from "./find.ts";
import { type Explanation, moment, type Reason } from "./reason.ts";

/** Why a task is, or is not, moving: computed from its state and that of all it waits for. */
export async function explainTask(ctx: Ctx, input: z.output<typeof taskRef>): Promise<Explanation> {
  const task = await findTask(ctx.db, input.id);
  const [facts] = await readFacts(ctx.db, [task]);
  if (!facts) throw new Error(`Task ${task.id} has no workflow`);
  if (task.deletedAt) return still(deleted(facts));
  if (task.status !== "pending" && task.status !== "in_progress") return still(ended(facts, await endedBy(ctx, facts)));
  return explainOpen(facts);
}

/** The same for a task that is pending or in progress. */
export function explainOpen(facts: Facts): Explanation {
  const decision = decisionOf(facts);
  if (facts.task.status === "pending") {
    const { moving, reasons } = explainPending(facts);
    return { moving, reasons: [...decision, ...reasons] };
  }
  const holder = leaseOf(facts) ?? takenBy(facts);
  if (holder) return { moving: decision.length === 0, reasons: [...decision, holder] };
  const sentence = "It is in progress, but nobody holds it. Move it to Pending so that an agent can claim it.";
  return still({ code: "unheld", sentence, data: {} });
}

const still = (...reasons: Reason[]): Explanation => ({ moving: false, reasons });

function deleted({ task }: Facts): Reason {
  return { code: "deleted", sentence: "It is in the bin. Restore it first.", data: { since: task.deletedAt } };
}

type Ending = { name: string; at: Date } | undefined;

/** Who brought it to its end. */
async function endedBy(ctx: Ctx, { task }: Facts): Promise<Ending> {
  const [ending] = await ctx.db.query<{ name: string; at: Date }>(
    `select actor_name as name, created_at as at from audit_logs
     where entity_type = 'task' and entity_id = $1 and changes -> 'status' ->> 'after' = $2 order by seq desc limit 1`,
    [task.id, task.status],
  );
  return ending;
}

function ended({ task }: Facts, ending: Ending): Reason {
  const data = { by: ending?.name ?? null, at: task.completedAt ?? ending?.at ?? null, reason: task.failureReason };
  const by = ending ? ` by ${ending.name}` : "";
  if (task.status === "completed") return { code: "completed", sentence: `It was completed${by}.`, data };
  if (task.status === "cancelled")
    return { code: "cancelled", sentence: `It was cancelled${by}. Retry it to bring it back.`, data };
  const after = task.attempt > 1 ? ` after ${task.attempt} attempts` : "";
  const reason = task.failureReason ? `: ${task.failureReason}` : ".";
  return { code: "failed", sentence: `It failed${after}${reason}`, data: { ...data, attempts: task.attempt } };
}

function leaseOf({ task, run, now }: Facts): Reason | null {
  if (!run) return null;
  const until = moment(run.leaseExpiresAt);
  if (run.leaseExpiresAt <= now) {
    const sentence = `${run.agentName} gave no sign of life, and its lease ended at ${until}. The task is taken back in a moment.`;
    return { code: "leased", sentence, data: { ...run } };
  }
  const sentence = `${run.agentName} works on it (attempt ${run.attempt} of ${task.maxAttempts}), lease until ${until}.`;
  return { code: "leased", sentence, data: { ...run }, until: run.leaseExpiresAt };
}

function takenBy({ task, taker }: Facts): Reason | null {
  if (!taker) return null;
  const data = { takenById: taker.id, takenByName: taker.name, since: task.startedAt };
  return { code: "taken", sentence: `${taker.name} took it by hand. Agents leave it alone.`, data };
}

function decisionOf({ decision }: Facts): Reason[] {
  if (!decision) return [];
  const since = moment(decision.since);
  const sentence =
    decision.count === 1
      ? `Waits for a decision since ${since}.`
      : `Waits for ${decision.count} decisions, the first since ${since}.`;
  return [{ code: "decision", sentence, data: { ...decision } }];
}
