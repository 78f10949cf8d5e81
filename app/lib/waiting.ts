import type { TaskCardRow } from "./api-types.ts";
import { plural, relativeTime } from "./format.ts";

type Waiting = Pick<
  TaskCardRow,
  | "status"
  | "workflowStatus"
  | "pendingSuggestions"
  | "unmetDependencies"
  | "waitsFor"
  | "queueAfter"
  | "attempt"
  | "maxAttempts"
>;

/** In a few words, why a card does not move; null when nothing holds it. The task's page says all reasons. */
export function waitingReason(card: Waiting, now: number): string | null {
  if (card.status !== "pending") return null;
  if (card.workflowStatus === "paused") return "Its workflow is paused";
  if (card.workflowStatus === "draft") return "Its workflow is a draft";
  if (card.unmetDependencies > 0) {
    const first = card.waitsFor ?? "another task";
    return card.unmetDependencies === 1
      ? `Waits for: ${first}`
      : `Waits for ${plural(card.unmetDependencies, "task")}, first: ${first}`;
  }
  if (card.queueAfter && card.queueAfter.getTime() > now) {
    return `Next try ${relativeTime(card.queueAfter, now)} (attempt ${card.attempt + 1} of ${card.maxAttempts})`;
  }
  return null;
}
