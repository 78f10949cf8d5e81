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

/**
 * One reason why a task is where it is: for programs a code and its data, for people a sentence. Its times are in UTC as
 * `moment` writes them, and in the data as well, so that pages can say them in the viewer's own time.
 */
export interface Reason {
  code: ReasonCode;
  sentence: string;
  data: Record<string, unknown>;
  /** When it is over by itself, if it is. */
  until?: Date | undefined;
}

export interface Explanation {
  /** Somebody works on it, or the next free agent will. */
  moving: boolean;
  /** What must be mended first comes first. */
  reasons: Reason[];
}

/** 2026-03-02 10:41:12 UTC */
export const moment = (at: Date) => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
