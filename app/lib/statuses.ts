import type { IconName } from "~/components/shared/Icon.tsx";
import type {
  AgentStatus,
  DesiredState,
  RunOutcome,
  SuggestionStatus,
  TaskStatus,
  WorkflowStatus,
} from "../../db/enums.ts";

/** A status as people see it: a shape, a word and a colour, never the colour alone. */
export interface Look {
  icon: IconName;
  word: string;
  ink: string;
}

const look = (icon: IconName, word: string, ink: string): Look => ({ icon, word, ink });

export const taskLooks: Record<TaskStatus, Look> = {
  pending: look("ring", "Pending", "text-pending"),
  in_progress: look("half", "In progress", "text-in-progress"),
  completed: look("done", "Completed", "text-completed"),
  failed: look("failed", "Failed", "text-failed"),
  cancelled: look("struck", "Cancelled", "text-cancelled"),
};

export const workflowLooks: Record<WorkflowStatus, Look> = {
  draft: look("draft", "Draft", "text-muted"),
  running: look("half", "Running", "text-in-progress"),
  paused: look("paused", "Paused", "text-waiting"),
  completed: look("done", "Completed", "text-completed"),
  failed: look("failed", "Failed", "text-failed"),
  cancelled: look("struck", "Cancelled", "text-cancelled"),
};

const agentLooks: Record<AgentStatus, Look> = {
  online: look("dot", "Online", "text-completed"),
  busy: look("busy", "Busy", "text-in-progress"),
  offline: look("offline", "Offline", "text-muted"),
};

/** What people asked of an agent goes before what it does, unless it is away. */
export function agentLook(agent: { status: AgentStatus; desiredState: DesiredState; archivedAt?: Date | null }): Look {
  if (agent.archivedAt) return look("struck", "Archived", "text-cancelled");
  if (agent.desiredState === "paused") return look("paused", "Paused", "text-waiting");
  if (agent.desiredState === "draining" && agent.status !== "offline")
    return look("draining", "Draining", "text-waiting");
  return agentLooks[agent.status];
}

export const outcomeLooks: Record<RunOutcome | "live", Look> = {
  live: look("half", "Running", "text-in-progress"),
  succeeded: look("done", "Succeeded", "text-completed"),
  failed: look("failed", "Failed", "text-failed"),
  timed_out: look("timedOut", "Timed out", "text-failed"),
  lost: look("lost", "Lost", "text-failed"),
  cancelled: look("struck", "Cancelled", "text-cancelled"),
  released: look("back", "Given back", "text-muted"),
};

export const suggestionLooks: Record<SuggestionStatus, Look> = {
  pending: look("hourglass", "Waiting", "text-waiting"),
  approved: look("done", "Approved", "text-completed"),
  rejected: look("failed", "Rejected", "text-failed"),
  changes_requested: look("changes", "Changes asked", "text-waiting"),
  expired: look("clock", "Expired", "text-muted"),
  withdrawn: look("back", "Withdrawn", "text-muted"),
  superseded: look("layers", "Superseded", "text-muted"),
};
