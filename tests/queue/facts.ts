import type { Database } from "../../db/client.ts";
import { same } from "./calls.ts";
import {
  countsOf,
  get,
  isReady,
  liveRunOf,
  type Model,
  type ModelRun,
  type ModelTask,
  openSuggestions,
  unmet,
  workflowProgress,
} from "./model.ts";

/** What the tables hold of one history. */
export interface Facts {
  tasks: TaskFacts[];
  runs: RunFacts[];
  suggestions: { id: string; taskId: string; runId: string | null; status: string; action: string }[];
  comments: { id: string; text: string }[];
  workflow: { isDeleted: boolean };
}

interface TaskFacts {
  id: string;
  name: string;
  status: string;
  isDeleted: boolean;
  attempt: number;
  progress: number;
  result: unknown;
  rank: number;
  assignedTo: string | null;
  isBackingOff: boolean;
  ready: boolean;
  unmet: number;
  open: number;
  runSeconds: number;
  revision: number;
  dependsOn: string[];
  live: string[];
  actions: string[];
}

interface RunFacts {
  id: string;
  taskId: string;
  agentId: string;
  leaseToken: string;
  attempt: number;
  outcome: string | null;
  leaseLeft: number;
  waited: number;
  summary: string | null;
  log: string[];
  files: string[];
}

export async function readFacts(db: Database, workflowId: string): Promise<Facts> {
  const [tasks, runs, suggestions, comments, workflows] = await Promise.all([
    db.query<TaskFacts>(taskFacts, [workflowId]),
    db.query<RunFacts>(runFacts, [workflowId]),
    db.query<Facts["suggestions"][number]>(
      `select id, task_id as "taskId", run_id as "runId", status, action from suggestions where workflow_id = $1 order by id`,
      [workflowId],
    ),
    db.query<Facts["comments"][number]>(
      "select c.id, c.text from comments c join tasks t on t.id = c.task_id where t.workflow_id = $1 order by c.id",
      [workflowId],
    ),
    db.query<Facts["workflow"]>(
      `select deleted_at is not null as "isDeleted", status, progress, task_counts as counts from workflows where id = $1`,
      [workflowId],
    ),
  ]);
  const [workflow] = workflows;
  if (!workflow) throw new Error("A history has a workflow");
  return { tasks, runs, suggestions, comments, workflow };
}

const taskFacts = `
select t.id, t.name, t.status, t.deleted_at is not null as "isDeleted", t.attempt, t.progress, t.result, t.queue_rank as rank,
  t.assigned_agent_id as "assignedTo", coalesce(t.queue_after > now(), false) as "isBackingOff", t.ready,
  t.unmet_dependencies as unmet, t.pending_suggestions as open, t.duration_seconds as "runSeconds", t.revision,
  array(select depends_on_id::text from task_dependencies d where d.task_id = t.id order by 1) as "dependsOn",
  array(select r.id::text from task_runs r where r.task_id = t.id and r.ended_at is null) as live,
  array(select l.action from audit_logs l where l.entity_type = 'task' and l.entity_id = t.id order by l.seq) as actions
from tasks t where t.workflow_id = $1 order by t.id`;

const runFacts = `
select r.id, r.task_id as "taskId", r.agent_id as "agentId", r.lease_token as "leaseToken", r.attempt, r.outcome,
  extract(epoch from r.lease_expires_at - now())::float8 as "leaseLeft", r.waited_seconds as waited, r.summary,
  array(select l.text from run_logs l where l.run_id = r.id order by l.seq) as log,
  array(select case when a.late then 'late ' else '' end || a.name || ' ' || convert_from(a.content, 'UTF8')
    from artifacts a where a.run_id = r.id) as files
from task_runs r join tasks t on t.id = r.task_id where t.workflow_id = $1 order by r.id`;

/** Throws the first thing that the tables hold otherwise than the model. `slack` is how long the history has really taken. */
export function compare(model: Model, facts: Facts, slack: number): void {
  sameIds("tasks", facts.tasks, model.tasks);
  sameIds("runs", facts.runs, model.runs);
  sameIds("suggestions", facts.suggestions, model.suggestions);
  sameIds("comments", facts.comments, model.comments);
  for (const row of facts.tasks) compareTask(model, { row, task: get(model.tasks, row.id), slack });
  for (const row of facts.runs) compareRun(model, { row, run: get(model.runs, row.id), slack });
  for (const { id, status, taskId, runId } of facts.suggestions) {
    const known = get(model.suggestions, id);
    same(
      `suggestion ${id}`,
      { status, taskId, runId },
      { status: known.status, taskId: known.taskId, runId: known.runId },
    );
  }
  for (const { id, text } of facts.comments) same("comment", text, get(model.comments, id));
  // What is in the bin is rolled up when it is taken out again.
  const { isDeleted } = model.workflow;
  same("whether the workflow is in the bin", facts.workflow.isDeleted, isDeleted);
  if (isDeleted) return;
  same("the workflow", facts.workflow, {
    isDeleted,
    status: model.workflow.status,
    progress: workflowProgress(model),
    counts: countsOf(model),
  });
}

function compareTask(model: Model, { row, task, slack }: { row: TaskFacts; task: ModelTask; slack: number }): void {
  const { name: _, revision: __, live, ready, runSeconds, ...facts } = row;
  const run = liveRunOf(model, task);
  same(`live runs of a task that is ${task.status}`, live, run ? [run.id] : []);
  same(`task ${row.name}`, facts, {
    id: task.id,
    status: task.status,
    isDeleted: task.isDeleted,
    attempt: task.attempt,
    progress: task.progress,
    result: task.result,
    rank: task.rank,
    assignedTo: task.assignedTo,
    isBackingOff: task.isBackingOff,
    unmet: unmet(model, task).length,
    open: openSuggestions(model, task).length,
    dependsOn: task.dependsOn.toSorted(),
    actions: task.actions,
  });
  // Kept where a claim may look, or may come to look when a run ends.
  if (task.status === "pending" || run) {
    same(`whether ${row.name} may be claimed`, ready, isReady(model, task));
  }
  const runs = [...model.runs.values()].filter((one) => one.taskId === task.id).length;
  near(`run time of ${row.name}`, { actual: runSeconds, expected: task.runSeconds, slack: slack + 2 * runs });
}

function compareRun(model: Model, { row, run, slack }: { row: RunFacts; run: ModelRun; slack: number }): void {
  const { taskId, agentId, leaseToken, attempt, outcome, summary, log } = run;
  same(
    `run ${row.id}`,
    {
      taskId: row.taskId,
      agentId: row.agentId,
      leaseToken: row.leaseToken,
      attempt: row.attempt,
      outcome: row.outcome,
      summary: row.summary,
      log: row.log,
    },
    { taskId, agentId, leaseToken, attempt, outcome, summary, log },
  );
  same("what a run has handed in", row.files.toSorted(), run.files.toSorted());
  if (outcome === null)
    near("the lease", { actual: row.leaseLeft, expected: run.leaseUntil - model.now, slack: slack + 1 });
}

function sameIds(what: string, rows: { id: string }[], known: Map<string, unknown>): void {
  same(what, rows.map((row) => row.id).sort(), [...known.keys()].sort());
}

function near(what: string, { actual, expected, slack }: { actual: number; expected: number; slack: number }): void {
  if (Math.abs(actual - expected) <= slack) return;
  same(`${what} in seconds, give or take ${slack.toFixed(1)}`, Math.round(actual), expected);
}
