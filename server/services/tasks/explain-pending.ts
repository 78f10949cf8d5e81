import { explainAgents } from "./explain-agents.ts";
import type { Facts } from "./explain-facts.ts";
import { type Explanation, moment, type Reason } from "./reason.ts";

/** What keeps a pending task from its next run, decisions aside. */
export function explainPending(facts: Facts): Explanation {
  const blocking = [...dependencyOf(facts), ...workflowOf(facts), ...backOffOf(facts), ...explainAgents(facts)];
  const limit = queueLimitOf(facts);
  if (blocking.length > 0) return { moving: false, reasons: [...blocking, ...limit] };
  const sentence = "It is ready: the next free agent that can do it takes it.";
  return { moving: true, reasons: [{ code: "ready", sentence, data: {} }, ...limit] };
}

function dependencyOf({ unmet }: Facts): Reason[] {
  const [first] = unmet.tasks;
  if (!first) return [];
  const whose = unmet.count === 1 ? `Waits for: ${first.name}` : `Waits for ${unmet.count} tasks, first: ${first.name}`;
  return [
    {
      code: "dependency",
      sentence: `${whose}${hopeless[first.status] ?? ""}`,
      data: { count: unmet.count, first, tasks: unmet.tasks },
    },
  ];
}

const wayOut = "It will not start by itself: retry that task, or take the dependency away.";
const hopeless: Partial<Record<string, string>> = {
  failed: `, which has failed. ${wayOut}`,
  cancelled: `, which was cancelled. ${wayOut}`,
};

function workflowOf({ workflow }: Facts): Reason[] {
  const { status, deletedAt, pausedAt, pausedByName, failedReason } = workflow;
  const stopped = (sentence: string): Reason[] => [
    { code: "workflow_not_running", sentence, data: { status, reason: failedReason } },
  ];
  if (deletedAt) return stopped("Its workflow is in the bin. Restore it first.");
  switch (status) {
    case "running":
      return [];
    case "paused": {
      const at = pausedAt ? ` at ${moment(pausedAt)}` : "";
      const sentence = `Its workflow was paused by ${pausedByName ?? "somebody"}${at}. Resume it to go on.`;
      return [{ code: "workflow_paused", sentence, data: { pausedBy: pausedByName, since: pausedAt } }];
    }
    case "draft":
      return stopped("Its workflow is still a draft. Resume it to begin.");
    case "failed":
      return stopped(`Its workflow has failed${failedReason ? `: ${failedReason}` : ""}. Retry it to go on.`);
    case "cancelled":
      return stopped("Its workflow is cancelled. Retry it to bring it back.");
    case "completed":
      return stopped("Its workflow is still marked completed. It opens again by itself in a moment.");
  }
}

function backOffOf({ task, now }: Facts): Reason[] {
  const at = task.queueAfter;
  if (!at || at <= now) return [];
  const sentence = `Next try at ${moment(at)} (attempt ${task.attempt + 1} of ${task.maxAttempts}).`;
  const data = { at, attempt: task.attempt + 1, lastFailure: task.failureReason };
  return [{ code: "back_off", sentence, data, until: at }];
}

/** Only while it may be claimed: its time in the queue does not run before. */
function queueLimitOf({ task }: Facts): Reason[] {
  const at = task.queueExpiresAt;
  if (!task.ready || !at) return [];
  const sentence = `It fails at ${moment(at)} unless an agent takes it before.`;
  return [{ code: "queue_time_out", sentence, data: { at, seconds: task.queueTtlSeconds }, until: at }];
}
