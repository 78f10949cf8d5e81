import type { BoardStatus, RunOutcome, TaskStatus } from "../../db/enums.ts";
import {
  derivedStatus,
  get,
  isAsking,
  isReady,
  liveRunOf,
  type Model,
  type ModelRun,
  type ModelTask,
  openSuggestions,
} from "./model.ts";

/**
 * What follows from what, written down a second time and without a database: each of these changes the model as the product
 * should have changed its tables.
 */

export const leaseSeconds = 600;

export function newTask(values: Pick<ModelTask, "id"> & Partial<ModelTask>): ModelTask {
  const priority = values.priority ?? 1;
  return {
    priority,
    rank: priority,
    dueDate: null,
    needs: [],
    assignedTo: null,
    dependsOn: [],
    maxAttempts: 3,
    timeout: null,
    queueTtl: null,
    queued: 0,
    createdAt: 0,
    status: "pending",
    isDeleted: false,
    attempt: 0,
    isBackingOff: false,
    result: null,
    progress: 0,
    runSeconds: 0,
    actions: ["created"],
    ...values,
  };
}

/** Time goes on for everybody; the time limit of a run stands still while people are asked. */
export function pass(model: Model, seconds: number): void {
  model.now += seconds;
  for (const task of model.tasks.values()) {
    if (task.status === "pending" && isReady(model, task) && !task.isBackingOff) task.queued += seconds;
  }
  for (const run of model.runs.values()) {
    if (run.outcome !== null) continue;
    run[isAsking(model, run) ? "waited" : "worked"] += seconds;
  }
}

export function start(model: Model, task: ModelTask, run: Pick<ModelRun, "id" | "leaseToken" | "agentId">): void {
  task.attempt++;
  Object.assign(task, { status: "in_progress", progress: 0, isBackingOff: false });
  task.actions.push("claimed");
  model.runs.set(run.id, {
    ...run,
    taskId: task.id,
    attempt: task.attempt,
    outcome: null,
    leaseUntil: model.now + leaseSeconds,
    waited: 0,
    worked: 0,
    summary: null,
    log: [],
    files: [],
    isForgotten: false,
  });
}

export function complete(model: Model, run: ModelRun, result: unknown, summary: string): void {
  const task = get(model.tasks, run.taskId);
  endRun(model, task, "succeeded");
  run.summary = summary;
  Object.assign(task, { status: "completed", progress: 100, result });
  task.actions.push("completed");
  supersede(model, task);
}

/** A run ends without success, and its task is tried again or has failed. */
export function giveBack(
  model: Model,
  run: ModelRun,
  { outcome, action, isRetryable = true }: { outcome: RunOutcome; action: string; isRetryable?: boolean },
): void {
  const task = get(model.tasks, run.taskId);
  endRun(model, task, outcome);
  const isReleased = outcome === "released";
  const isAgain = isReleased || (isRetryable && task.attempt < task.maxAttempts);
  task.status = isAgain ? "pending" : "failed";
  run.leftAs = task.status;
  task.isBackingOff = isAgain && !isReleased;
  Object.assign(task, { progress: 0, queued: 0 });
  if (isReleased) task.attempt--;
  task.actions.push(action);
  supersede(model, task);
  if (task.status === "failed") failFast(model);
}

/** The lease that holds this task is over; its agent learns of it with its next call. */
function endRun(model: Model, task: ModelTask, outcome: RunOutcome): void {
  const run = liveRunOf(model, task);
  if (!run) return;
  run.outcome = outcome;
  task.runSeconds += run.worked;
}

/** What people do to a card: the run under it ends, and what was asked about it is no longer open. */
function settle(model: Model, task: ModelTask, action: string): void {
  task.actions.push(action);
  if (task.status !== "in_progress" || task.isDeleted) supersede(model, task);
  if (task.status === "failed") failFast(model);
}

function supersede(model: Model, task: ModelTask): void {
  for (const one of openSuggestions(model, task)) one.status = "superseded";
}

const freshStart = (task: ModelTask, status: TaskStatus): void => {
  Object.assign(task, { status, attempt: 0, result: null, progress: 0, isBackingOff: false, queued: 0 });
};

export function move(model: Model, task: ModelTask, status: BoardStatus): void {
  endRun(model, task, "cancelled");
  if (status === "pending" || status === "in_progress") freshStart(task, status);
  else Object.assign(task, { status, isBackingOff: false }, status === "completed" && { progress: 100 });
  settle(model, task, "moved");
}

export function cancel(model: Model, task: ModelTask): void {
  endRun(model, task, "cancelled");
  Object.assign(task, { status: "cancelled", isBackingOff: false });
  settle(model, task, "cancelled");
}

export function retry(model: Model, task: ModelTask): void {
  freshStart(task, "pending");
  settle(model, task, "retried");
}

export function remove(model: Model, task: ModelTask): void {
  if (liveRunOf(model, task)) {
    endRun(model, task, "cancelled");
    freshStart(task, "pending");
  }
  task.isDeleted = true;
  settle(model, task, "removed");
}

export function restore(model: Model, task: ModelTask): void {
  task.isDeleted = false;
  settle(model, task, "restored");
}

/** The tasks of a workflow that is put into the bin: agents lose what they hold. */
export function takeBack(model: Model, task: ModelTask): void {
  endRun(model, task, "cancelled");
  freshStart(task, "pending");
  settle(model, task, "taken_back");
}

/** Nobody took it in time. */
export function timeOutInQueue(model: Model, task: ModelTask): void {
  task.status = "failed";
  settle(model, task, "queue_timed_out");
}

/** What a task waits for does not use up its time in the queue, which begins anew when it can be claimed again. */
export function forgetQueueTimes(model: Model): void {
  for (const task of model.tasks.values()) if (!isReady(model, task)) task.queued = 0;
}

const moves = {
  pending: ["in_progress", "completed", "failed"],
  in_progress: ["pending", "completed", "failed"],
  completed: ["pending", "in_progress"],
  failed: ["pending", "in_progress", "completed"],
  cancelled: ["pending"],
} as const satisfies Record<TaskStatus, readonly BoardStatus[]>;

export const mayMove = (from: TaskStatus, to: BoardStatus) => moves[from].some((status) => status === to);

/** A workflow's status follows its tasks: at once where it fails fast, else soon after the commit. */
export function rollUp(model: Model): void {
  model.workflow.status = derivedStatus(model);
}

function failFast(model: Model): void {
  if (model.workflow.isFailFast) rollUp(model);
}
