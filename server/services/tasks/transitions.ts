import { sql } from "drizzle-orm";
import type { BoardStatus, TaskStatus } from "../../../db/enums.ts";
import type { Actor } from "../context.ts";
import type { TaskFields } from "./change.ts";
import { bottomKey, topKey } from "./position.ts";

/** Where a task may go by hand. What agents and the clock do to a task goes through its run. */
export const transitions = {
  pending: ["in_progress", "completed", "failed"],
  in_progress: ["pending", "completed", "failed"],
  completed: ["pending", "in_progress"],
  failed: ["pending", "in_progress", "completed"],
  cancelled: ["pending"],
} as const satisfies Record<TaskStatus, readonly BoardStatus[]>;

export const canGo = (from: TaskStatus, to: TaskStatus) =>
  transitions[from].some((status: TaskStatus) => status === to);

/** A place in a column for a task that enters it by itself: new work queues up, everything else is newest first. */
export const entryKey = (status: TaskStatus) => (status === "pending" ? bottomKey() : topKey());

/** A fresh start: no attempt used, nothing left of the last one, and not kept for an agent that was archived since. */
export const freshStart = () =>
  ({
    status: "pending" as const,
    progress: 0,
    progressNote: null,
    takenById: null,
    assignedAgentId: sql`(select id from agents where id = assigned_agent_id and archived_at is null)`,
    currentRunId: null,
    queueAfter: null,
    queueExpiresAt: sql`now() + make_interval(secs => queue_ttl_seconds)`,
    attempt: 0,
    failureReason: null,
    result: null,
    summary: null,
    completedAt: null,
  }) satisfies TaskFields;

/** What a task becomes when it is put into a column by hand. */
export function entering(status: BoardStatus, actor: Actor, reason: string | undefined): TaskFields {
  const now = sql`now()`;
  switch (status) {
    case "pending":
      return freshStart();
    case "in_progress":
      return {
        ...freshStart(),
        status,
        agentId: null,
        takenById: actor.type === "person" ? actor.id : null,
        startedAt: sql`coalesce(started_at, now())`,
      };
    case "completed":
      return { status, progress: 100, currentRunId: null, queueAfter: null, failureReason: null, completedAt: now };
    case "failed":
      return {
        status,
        currentRunId: null,
        queueAfter: null,
        failureReason: reason ?? `Moved to Failed by ${actor.name}`,
        completedAt: now,
      };
  }
}
