/** Every closed set of words in the product. Pages may import this file; it imports nothing. */
export const workflowStatuses = ["draft", "running", "paused", "completed", "failed", "cancelled"] as const;
export type WorkflowStatus = (typeof workflowStatuses)[number];

export const failurePolicies = ["continue", "fail_fast"] as const;

export const taskStatuses = ["pending", "in_progress", "completed", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** The four columns of the board, in order; cancelled tasks are hidden by default. */
export const boardStatuses = ["pending", "in_progress", "completed", "failed"] as const satisfies readonly TaskStatus[];
export type BoardStatus = (typeof boardStatuses)[number];

/** In rank order: the index of a priority is its rank, 0 first. */
export const priorities = ["high", "medium", "low"] as const;
export type Priority = (typeof priorities)[number];
export const rankOf = (priority: Priority) => priorities.indexOf(priority);

export const runOutcomes = ["succeeded", "failed", "timed_out", "lost", "cancelled", "released"] as const;
export type RunOutcome = (typeof runOutcomes)[number];

export const agentStatuses = ["online", "busy", "offline"] as const;
export type AgentStatus = (typeof agentStatuses)[number];

export const desiredStates = ["active", "draining", "paused"] as const;
export type DesiredState = (typeof desiredStates)[number];

export const suggestionStatuses = [
  "pending",
  "approved",
  "rejected",
  "changes_requested",
  "expired",
  "withdrawn",
  "superseded",
] as const;
export type SuggestionStatus = (typeof suggestionStatuses)[number];

/** In rank order: a role may do everything that the roles before it may. */
export const roles = ["viewer", "operator", "admin"] as const;
export type Role = (typeof roles)[number];

export const actorTypes = ["person", "agent", "policy", "system"] as const;
export type ActorType = (typeof actorTypes)[number];

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export const channels = ["workflows", "tasks", "agents", "suggestions", "comments", "system"] as const;
export type Channel = (typeof channels)[number];

export const entityTypes = [
  "workflow",
  "task",
  "run",
  "agent",
  "suggestion",
  "comment",
  "user",
  "policy",
  "system",
] as const;
export type EntityType = (typeof entityTypes)[number];
