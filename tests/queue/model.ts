import type { DesiredState, RunOutcome, SuggestionStatus, TaskStatus, WorkflowStatus } from "../../db/enums.ts";
import type { SuggestionEffect } from "../../db/schema/index.ts";

/** What the queue should hold, kept in memory. Times are seconds since the history began; only `timePasses` moves them. */
export interface Model {
  now: number;
  workflow: { id: string; status: WorkflowStatus; isFailFast: boolean; isDeleted: boolean };
  tasks: Map<string, ModelTask>;
  runs: Map<string, ModelRun>;
  agents: Map<string, ModelAgent>;
  suggestions: Map<string, ModelSuggestion>;
  /** Texts by id. */
  comments: Map<string, string>;
  /** By who used it and the key: what was asked with it, and the id that was answered. */
  keys: Map<string, { body: string; id: string }>;
  /** By agent and key of the claim: the runs that it started. */
  claims: Map<string, string[]>;
}

export interface ModelTask {
  id: string;
  priority: number;
  /** Where claims look for it: its priority, or earlier after long waits. */
  rank: number;
  dueDate: string | null;
  needs: string[];
  assignedTo: string | null;
  dependsOn: string[];
  maxAttempts: number;
  timeout: number | null;
  queueTtl: number | null;
  createdAt: number;

  status: TaskStatus;
  isDeleted: boolean;
  attempt: number;
  isBackingOff: boolean;
  result: unknown;
  progress: number;
  /** Seconds since it last came to be claimable. */
  queued: number;
  /** Seconds under leases that have ended, without waiting for people. */
  runSeconds: number;
  /** What the audit log says of it, in order. */
  actions: string[];
}

export interface ModelRun {
  id: string;
  taskId: string;
  agentId: string;
  leaseToken: string;
  attempt: number;
  outcome: RunOutcome | null;
  /** What became of its task when its agent gave it up. */
  leftAs?: TaskStatus;
  leaseUntil: number;
  /** Seconds so far: waiting for people, and not. */
  waited: number;
  worked: number;
  summary: string | null;
  /** Lines and files that the server said it took. */
  log: string[];
  files: string[];
  /** Its agent has crashed and no longer knows of it. */
  isForgotten: boolean;
}

export interface ModelAgent {
  id: string;
  name: string;
  capabilities: string[];
  maxConcurrent: number;
  desired: DesiredState;
}

export interface ModelSuggestion {
  id: string;
  taskId: string;
  runId: string | null;
  agentId: string;
  status: SuggestionStatus;
  effect: SuggestionEffect | null;
  expiresAt: number | null;
}

/** The product did what the model would not have done. */
export class Mismatch extends Error {}

/** What the model does not have may come in another order of calls at once: a task is made, and claimed. */
export function get<Value>(map: Map<string, Value>, id: string): Value {
  const value = map.get(id);
  if (value === undefined) throw new Mismatch(`The model has no ${id}`);
  return value;
}

const hasEnded = (status: TaskStatus) => status === "completed" || status === "failed" || status === "cancelled";

/** Tasks that it waits for; one in the bin is waited for no more. */
export const unmet = (model: Model, task: ModelTask): ModelTask[] =>
  task.dependsOn.map((id) => get(model.tasks, id)).filter((other) => !other.isDeleted && other.status !== "completed");

export const isReady = (model: Model, task: ModelTask) =>
  !task.isDeleted &&
  !model.workflow.isDeleted &&
  model.workflow.status === "running" &&
  unmet(model, task).length === 0;

export const liveRuns = (model: Model) => [...model.runs.values()].filter((run) => run.outcome === null);

export const liveRunOf = (model: Model, task: ModelTask) => liveRuns(model).find((run) => run.taskId === task.id);

/** Whether people are asked by the run itself; what others suggest on its task does not stop its time. */
export const isAsking = (model: Model, run: ModelRun) =>
  openSuggestions(model, get(model.tasks, run.taskId)).some((one) => one.runId === run.id);

export const openSuggestions = (model: Model, task: ModelTask) =>
  [...model.suggestions.values()].filter((one) => one.taskId === task.id && one.status === "pending");

export function freeSlots(model: Model, agentId: string): number {
  const agent = get(model.agents, agentId);
  if (agent.desired !== "active") return 0;
  return agent.maxConcurrent - liveRuns(model).filter((run) => run.agentId === agentId).length;
}

export const isClaimable = (model: Model, task: ModelTask, agent: ModelAgent) =>
  task.status === "pending" &&
  isReady(model, task) &&
  !task.isBackingOff &&
  (task.assignedTo === null || task.assignedTo === agent.id) &&
  task.needs.every((need) => agent.capabilities.includes(need));

/** What this agent may claim now, in the order in which it must go: priority, due date, age. The model keeps tasks as they came. */
export const claimable = (model: Model, agent: ModelAgent): ModelTask[] =>
  [...model.tasks.values()]
    .filter((task) => isClaimable(model, task, agent))
    .sort((a, b) => a.rank - b.rank || (a.dueDate ?? "9").localeCompare(b.dueDate ?? "9"));

/** Whether these dependencies would close a circle. */
export function closesCircle(model: Model, taskId: string, dependsOn: string[]): boolean {
  const seen = new Set<string>();
  const leadsBack = (id: string): boolean => {
    if (id === taskId) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return get(model.tasks, id).dependsOn.some(leadsBack);
  };
  return dependsOn.some(leadsBack);
}

export function countsOf(model: Model): Record<TaskStatus, number> {
  const counts = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const task of model.tasks.values()) if (!task.isDeleted) counts[task.status]++;
  return counts;
}

/** The mean of what is to be done, in whole percent; 100 only when all of it is. */
export function workflowProgress(model: Model): number | null {
  const counted = [...model.tasks.values()].filter((task) => !task.isDeleted && task.status !== "cancelled");
  if (counted.length === 0) return null;
  if (counted.every((task) => task.status === "completed")) return 100;
  const percents = counted.map(({ status, progress }) =>
    status === "completed" ? 100 : status === "in_progress" ? progress : 0,
  );
  return Math.min(99, Math.floor(percents.reduce((sum, percent) => sum + percent, 0) / counted.length));
}

/** What its tasks make of a workflow; draft, paused and cancelled are a person's word and stay. */
export function derivedStatus(model: Model): WorkflowStatus {
  const { status, isFailFast } = model.workflow;
  if (status !== "running" && status !== "completed" && status !== "failed") return status;
  const counted = [...model.tasks.values()].filter((task) => !task.isDeleted && task.status !== "cancelled");
  if (counted.length > 0 && counted.every((task) => task.status === "completed")) return "completed";
  const canGoOn = counted.some(
    (task) => task.status === "in_progress" || (task.status === "pending" && unmet(model, task).length === 0),
  );
  const isFailed = counted.some((task) => task.status === "failed");
  return isFailed && (isFailFast || !canGoOn) ? "failed" : "running";
}

/** Why a task is where it is, as `tasks.explain` should have it. Whether agents are online is observed. */
export function reasonsOf(model: Model, task: ModelTask, isOffline: (agentId: string) => boolean): string[] {
  if (task.isDeleted) return ["deleted"];
  if (hasEnded(task.status)) return [task.status];
  const decision = openSuggestions(model, task).length > 0 ? ["decision"] : [];
  if (task.status === "in_progress") return [...decision, liveRunOf(model, task) ? "leased" : "taken"];
  const { status, isDeleted } = model.workflow;
  const blocking = [
    ...(unmet(model, task).length > 0 ? ["dependency"] : []),
    ...(status === "running" && !isDeleted
      ? []
      : [status === "paused" && !isDeleted ? "workflow_paused" : "workflow_not_running"]),
    ...(task.isBackingOff ? ["back_off"] : []),
    ...agentsInTheWay(model, task, isOffline),
  ];
  const limit = task.queueTtl !== null && isReady(model, task) ? ["queue_time_out"] : [];
  return [...decision, ...(blocking.length > 0 ? blocking : ["ready"]), ...limit];
}

function agentsInTheWay(model: Model, task: ModelTask, isOffline: (agentId: string) => boolean): string[] {
  const able = [...model.agents.values()].filter((agent) =>
    task.needs.every((need) => agent.capabilities.includes(need)),
  );
  const online = able.filter((agent) => !isOffline(agent.id));
  const accepting = online.filter((agent) => agent.desired === "active");
  const free = accepting.filter((agent) => freeSlots(model, agent.id) > 0);
  if (task.assignedTo) return free.some((agent) => agent.id === task.assignedTo) ? [] : ["assigned_agent"];
  if (free.length > 0) return [];
  if (able.length === 0) return ["no_capable_agent"];
  if (online.length === 0) return ["agents_offline"];
  return [accepting.length === 0 ? "agents_not_accepting" : "agents_busy"];
}
