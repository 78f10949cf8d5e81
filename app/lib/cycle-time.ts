import type { TaskDetail } from "./api-types.ts";
import { duration } from "./format.ts";

type Timed = Pick<TaskDetail, "status" | "createdAt" | "completedAt">;

/** From made to ended in words: to now while it is open, and to its end once it has one, which being cancelled is as well. */
export function cycleTime({ status, createdAt, completedAt }: Timed, now: number): string {
  const until = (end: number) => duration((end - createdAt.getTime()) / 1000);
  if (status === "pending" || status === "in_progress") return `${until(now)} so far`;
  // Cancelled before ends of that kind were kept.
  if (!completedAt) return "no data";
  return status === "cancelled" ? `${until(completedAt.getTime())}, then cancelled` : until(completedAt.getTime());
}
