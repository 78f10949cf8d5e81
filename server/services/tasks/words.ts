import type { TaskStatus } from "../../../db/enums.ts";

/** What people call the statuses. */
export const statusWord = {
  pending: "Pending",
  in_progress: "In progress",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
} as const satisfies Record<TaskStatus, string>;
