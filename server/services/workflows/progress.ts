import type { TaskStatus } from "../../../db/enums.ts";

export type TaskCounts = Record<TaskStatus, number>;

/**
 * Completed ÷ (all − cancelled), where a running task adds its own fraction; floored to a whole percent, 100 only when
 * all are completed, null while there is nothing to count. `runningPercent` is the sum of the running tasks' own
 * progress, 0–100 each. The one formula for every screen.
 */
export function workflowProgress(counts: TaskCounts, runningPercent = 0): number | null {
  const all = counts.pending + counts.in_progress + counts.completed + counts.failed;
  if (all === 0) return null;
  if (counts.completed === all) return 100;
  return Math.min(99, Math.floor((counts.completed * 100 + runningPercent) / all));
}
