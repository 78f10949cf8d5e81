import type { RunOutcome, TaskStatus, WorkflowStatus } from "../../db/enums.ts";

/** What the queue should hold, kept in memory by rules written down a second time and much more simply. */
export interface Model {
  paused: boolean;
  tasks: Map<string, ModelTask>;
  runs: Map<string, ModelRun>;
}

export interface ModelTask {
  id: string;
  rank: number;
  status: TaskStatus;
  attempt: number;
  maxAttempts: number;
  dependsOn: string[];
  result: unknown;
  progress: number;
  isBackingOff: boolean;
  /** How often the status has changed so far. */
  changes: number;
}

export interface ModelRun {
  id: string;
  taskId: string;
  leaseToken: string;
  /** Its agent, by place among the players. */
  agent: number;
  outcome: RunOutcome | null;
  isExpired: boolean;
  /** The lines that the server said it took. */
  log: string[];
}

export function setStatus(task: ModelTask, status: TaskStatus): void {
  if (task.status === status) return;
  task.status = status;
  task.changes++;
}

export const unmet = (model: Model, task: ModelTask) =>
  task.dependsOn.filter((id) => model.tasks.get(id)?.status !== "completed").length;

export const liveRun = (model: Model, taskId: string) =>
  [...model.runs.values()].find((run) => run.taskId === taskId && run.outcome === null);

export const liveRunsOf = (model: Model, agent: number) =>
  [...model.runs.values()].filter((run) => run.agent === agent && run.outcome === null).length;

export function countsOf(model: Model): Record<TaskStatus, number> {
  const counts = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const task of model.tasks.values()) counts[task.status]++;
  return counts;
}

export function workflowStatus(model: Model): WorkflowStatus {
  if (model.paused) return "paused";
  const open = [...model.tasks.values()].filter((task) => task.status !== "cancelled");
  if (open.length > 0 && open.every((task) => task.status === "completed")) return "completed";
  const canGoOn = open.some(
    (task) => task.status === "in_progress" || (task.status === "pending" && unmet(model, task) === 0),
  );
  return open.some((task) => task.status === "failed") && !canGoOn ? "failed" : "running";
}

export function workflowProgress(model: Model): number | null {
  const open = [...model.tasks.values()].filter((task) => task.status !== "cancelled");
  if (open.length === 0) return null;
  const percent = open.reduce((sum, { status, progress }) => {
    if (status === "completed") return sum + 100;
    return status === "in_progress" ? sum + progress : sum;
  }, 0);
  return Math.floor(percent / open.length);
}

/** What may be claimed now, in the order in which it must go. */
export function claimable(model: Model): ModelTask[] {
  if (workflowStatus(model) !== "running") return [];
  return [...model.tasks.values()]
    .filter((task) => task.status === "pending" && !task.isBackingOff && unmet(model, task) === 0)
    .sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
}

/** A run ends without success, and its task is tried again or has failed. */
export function giveBack(model: Model, run: ModelRun, outcome: "failed" | "lost" | "released", retryable = true): void {
  const task = taskOf(model, run.taskId);
  run.outcome = outcome;
  const isAgain = outcome === "released" || (retryable && task.attempt < task.maxAttempts);
  setStatus(task, isAgain ? "pending" : "failed");
  task.isBackingOff = isAgain && outcome !== "released";
  task.progress = 0;
  if (outcome === "released") task.attempt--;
}

export function freshStart(task: ModelTask): void {
  Object.assign(task, { attempt: 0, result: null, progress: 0, isBackingOff: false });
}

export function taskOf(model: Model, id: string): ModelTask {
  const task = model.tasks.get(id);
  if (!task) throw new Error(`The model has no task ${id}`);
  return task;
}
