import type { z } from "zod";
import type { Ctx } from "../context.ts";
import type { taskRef } from "./by-id.ts";
import { explainAgents } from "./explain-agents.ts";
import { type Facts, readFacts } from "./explain-facts.ts";
import { findTask } from "./find.ts";

export type ReasonCode =
  | "deleted"
  | "completed"
  | "failed"
  | "cancelled"
  | "leased"
  | "taken"
  | "unheld"
  | "decision"
  | "dependency"
  | "workflow_paused"
  | "workflow_not_running"
  | "back_off"
  | "queue_time_out"
  | "assigned_agent"
  | "no_capable_agent"
  | "agents_offline"
  | "agents_not_accepting"
  | "agents_busy"
  | "ready";

/** One reason why a task is where it is: for programs a code and its data, for people a sentence. Times are in UTC. */
export interface Reason {
  code: ReasonCode;
  sentence: string;
  data: Record<string, unknown>;
}

export interface Explanation {
  /** Somebody works on it, or the next free agent will. */
  moving: boolean;
  /** What must be mended first comes first. */
  reasons: Reason[];
}

/** Why a task is, or is not, moving: computed from its state and that of all it waits for. */
export async function explainTask(ctx: Ctx, input: z.output<typeof taskRef>): Promise<Explanation> {
  const facts = await readFacts(ctx, await findTask(ctx.db, input.id));
  if (facts.task.deletedAt) return still(deleted(facts));
  switch (facts.task.status) {
    case "completed":
    case "failed":
    case "cancelled":
      return still(ended(facts));
    case "in_progress":
      return explainHeld(facts);
    case "pending":
      return explainPending(facts);
  }
}

const still = (...reasons: Reason[]): Explanation => ({ moving: false, reasons });

function deleted({ task }: Facts): Reason {
  return { code: "deleted", sentence: "It is in the bin. Restore it first.", data: { since: task.deletedAt } };
}

function ended({ task, endedBy }: Facts): Reason {
  const data = { by: endedBy?.name ?? null, at: task.completedAt ?? endedBy?.at ?? null, reason: task.failureReason };
  const by = endedBy ? ` by ${endedBy.name}` : "";
  if (task.status === "completed") return { code: "completed", sentence: `It was completed${by}.`, data };
  if (task.status === "cancelled")
    return { code: "cancelled", sentence: `It was cancelled${by}. Retry it to bring it back.`, data };
  const after = task.attempt > 1 ? ` after ${task.attempt} attempts` : "";
  const reason = task.failureReason ? `: ${task.failureReason}` : ".";
  return { code: "failed", sentence: `It failed${after}${reason}`, data: { ...data, attempts: task.attempt } };
}

function explainHeld(facts: Facts): Explanation {
  const { task, run, takenBy } = facts;
  const decision = decisionOf(facts);
  if (run) {
    const leased: Reason = {
      code: "leased",
      sentence: `${run.agentName} works on it (attempt ${run.attempt} of ${task.maxAttempts}), lease until ${clock(run.leaseExpiresAt)}.`,
      data: { ...run },
    };
    return { moving: decision.length === 0, reasons: [...decision, leased] };
  }
  if (takenBy) {
    const taken: Reason = {
      code: "taken",
      sentence: `${takenBy.name} took it by hand. Agents leave it alone.`,
      data: { takenById: takenBy.id, takenByName: takenBy.name, since: task.startedAt },
    };
    return { moving: decision.length === 0, reasons: [...decision, taken] };
  }
  const sentence = "It is in progress, but nobody holds it. Move it to Pending so that an agent can claim it.";
  return still({ code: "unheld", sentence, data: {} });
}

function explainPending(facts: Facts): Explanation {
  const blocking = [...dependencyOf(facts), ...workflowOf(facts), ...backOffOf(facts), ...explainAgents(facts)];
  const decision = decisionOf(facts);
  const limit = queueLimitOf(facts);
  if (blocking.length > 0) return still(...decision, ...blocking, ...limit);
  const ready: Reason = {
    code: "ready",
    sentence: "It is ready: the next free agent that can do it takes it.",
    data: {},
  };
  return { moving: true, reasons: [...decision, ready, ...limit] };
}

function dependencyOf({ unmet }: Facts): Reason[] {
  const [first] = unmet;
  if (!first) return [];
  const hopeless = first.status === "failed" || first.status === "cancelled" ? `, which is ${first.status}` : "";
  const sentence =
    unmet.length === 1
      ? `Waits for: ${first.name}${hopeless}`
      : `Waits for ${unmet.length} tasks, first: ${first.name}${hopeless}`;
  return [{ code: "dependency", sentence, data: { count: unmet.length, first, tasks: unmet.slice(0, 20) } }];
}

function workflowOf({ workflow }: Facts): Reason[] {
  const { status, pausedAt, pausedByName } = workflow;
  if (workflow.deletedAt) {
    return [{ code: "workflow_not_running", sentence: "Its workflow is in the bin.", data: { status } }];
  }
  if (status === "running") return [];
  if (status === "paused") {
    const since = pausedAt ? ` since ${clock(pausedAt)}` : "";
    const sentence = `Paused by ${pausedByName ?? "somebody"}${since}.`;
    return [{ code: "workflow_paused", sentence, data: { pausedBy: pausedByName, since: pausedAt } }];
  }
  const sentence =
    status === "draft" ? "Its workflow is still a draft. Resume it to begin." : `Its workflow is ${status}.`;
  return [{ code: "workflow_not_running", sentence, data: { status, reason: workflow.failedReason } }];
}

function backOffOf({ task, now }: Facts): Reason[] {
  const at = task.queueAfter;
  if (!at || at <= now) return [];
  const sentence = `Next try at ${clock(at)} (attempt ${task.attempt + 1} of ${task.maxAttempts}).`;
  return [{ code: "back_off", sentence, data: { at, attempt: task.attempt + 1, lastFailure: task.failureReason } }];
}

/** Only while it may be claimed: its time in the queue does not run before. */
function queueLimitOf({ task }: Facts): Reason[] {
  const at = task.queueExpiresAt;
  if (!task.ready || !at) return [];
  const sentence = `It fails at ${clock(at)} unless an agent takes it before.`;
  return [{ code: "queue_time_out", sentence, data: { at, seconds: task.queueTtlSeconds } }];
}

function decisionOf({ decision }: Facts): Reason[] {
  if (!decision) return [];
  const sentence =
    decision.count === 1
      ? `Waits for a decision since ${clock(decision.since)}.`
      : `Waits for ${decision.count} decisions, the first since ${clock(decision.since)}.`;
  return [{ code: "decision", sentence, data: { ...decision } }];
}

/** 10:41:12 UTC; pages print the viewer's own time from the reason's data. */
const clock = (at: Date) => `${at.toISOString().slice(11, 19)} UTC`;
