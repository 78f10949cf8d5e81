import type { TaskStatus } from "../../db/enums.ts";
import type { AuditChanges } from "../../db/schema/audit.ts";
import { explainTask } from "../../server/services/tasks/explain.ts";
import { countsOf, liveRun, type ModelTask, unmet, workflowProgress, workflowStatus } from "./model.ts";
import { type Game, same } from "./players.ts";

/** Everything that must hold between two commands, once what follows a commit has been done. */
export async function checkState(game: Game): Promise<void> {
  const { model, host, workflowId } = game;
  const tasks = await host.db.query<TaskFacts>(
    `select t.id, t.status, t.attempt, t.result, t.progress, t.unmet_dependencies, t.ready,
       (select array_agg(r.id) from task_runs r where r.task_id = t.id and r.ended_at is null) as live,
       t.pending_suggestions = (select count(*) from suggestions s where s.task_id = t.id and s.status = 'pending') as counted
     from tasks t where t.workflow_id = $1`,
    [workflowId],
  );
  for (const row of tasks) {
    const task = model.tasks.get(row.id);
    if (!task) throw new Error("A task that nobody made");
    const run = liveRun(model, row.id);
    const { live, counted, progress, ready, ...facts } = row;
    same(`live runs of a task that is ${task.status}`, live ?? [], run ? [run.id] : []);
    same("task", facts, {
      id: task.id,
      status: task.status,
      attempt: task.attempt,
      result: task.result,
      unmet_dependencies: unmet(model, task),
    });
    if (run || task.status === "completed") same("progress", progress, task.progress);
    const isOpen = workflowStatus(model) === "running" && unmet(model, task) === 0;
    if (task.status === "pending") same("readiness", ready, isOpen);
    same("waiting suggestions are counted", counted, true);
  }
  const [workflow] = await host.db.query("select status, progress, task_counts from workflows where id = $1", [
    workflowId,
  ]);
  same("workflow", workflow, {
    status: workflowStatus(model),
    progress: workflowProgress(model),
    task_counts: countsOf(model),
  });
}

interface TaskFacts {
  id: string;
  status: TaskStatus;
  attempt: number;
  result: unknown;
  progress: number;
  unmet_dependencies: number;
  ready: boolean;
  live: string[] | null;
  counted: boolean;
}

/** What must hold of the whole history: runs, logs, decisions, the audit log, the events, the agents' records, the reasons. */
export async function checkHistory(game: Game): Promise<void> {
  await checkRuns(game);
  for (const [id, known] of game.suggestions) {
    if (known === "pending") continue;
    const [row] = await game.host.db.query<{ status: string }>("select status from suggestions where id = $1", [id]);
    same("an acknowledged decision", row?.status, known);
  }
  for (const task of game.model.tasks.values()) {
    await checkTrail(game, task);
    const reason = expectedReason(game, task);
    const { reasons } = await explainTask(game.person, { id: task.id });
    const codes = reasons.map(({ code }) => code);
    if (codes.length === 0 || (reason && !codes.some((code) => code === reason))) {
      throw new Error(`A task that is ${task.status} should say ${reason}; it says ${codes}`);
    }
  }
}

async function checkRuns({ host, model, agents }: Game): Promise<void> {
  const rows = await host.db.query<{ id: string; outcome: string | null; log: string[] | null }>(
    `select r.id, r.outcome, (select array_agg(l.text order by l.seq) from run_logs l where l.run_id = r.id) as log
     from task_runs r where r.id = any($1::uuid[])`,
    [[...model.runs.keys()]],
  );
  same("runs", rows.length, model.runs.size);
  for (const { id, outcome, log } of rows) {
    const run = model.runs.get(id);
    same("outcome and log of a run", { outcome, log: log ?? [] }, { outcome: run?.outcome, log: run?.log });
  }
  for (const [index, agent] of agents.entries()) {
    const ended = [...model.runs.values()].filter((run) => run.agent === index);
    const succeeded = ended.filter((run) => run.outcome === "succeeded").length;
    const failed = ended.filter((run) => ["failed", "lost", "timed_out"].includes(run.outcome ?? "")).length;
    const [row] = await host.db.query("select total_tasks, failed_tasks from agents where id = $1", [agent.actor.id]);
    same("an agent's record", row, { total_tasks: succeeded + failed, failed_tasks: failed });
  }
}

/** Every change of status is one line of the audit log and one event of that revision, in one unbroken chain. */
async function checkTrail({ host }: Game, task: ModelTask): Promise<void> {
  const lines = await host.db.query<{ revision: number; changes: AuditChanges }>(
    "select revision, changes from audit_logs where entity_type = 'task' and entity_id = $1 order by seq",
    [task.id],
  );
  const steps = lines.flatMap(({ revision, changes }) => (changes.status ? [{ revision, ...changes.status }] : []));
  same("audit lines for changes of status", steps.length, task.changes);
  let status: unknown = "pending";
  for (const step of steps) {
    same("each audit line begins where the last one ended", step.before, status);
    status = step.after;
  }
  same("the audit log ends with the status", status, task.status);

  const events = await host.db.query<{ revision: number; status: string }>(
    `select revision, data->'json'->>'status' as status from events
     where channel = 'tasks' and entity_id = $1 and type = 'task_update' order by seq`,
    [task.id],
  );
  const told = events.filter((event, i) => event.status !== (events[i - 1]?.status ?? "pending"));
  same(
    "events tell the same changes in the same order",
    told.map((event) => event.status),
    steps.map((step) => step.after),
  );
  const revisions = events.map((event) => event.revision);
  same(
    "events come in the order of revisions",
    revisions,
    revisions.toSorted((a, b) => a - b),
  );
}

function expectedReason({ model }: Game, task: ModelTask): string | undefined {
  if (task.status !== "pending" && task.status !== "in_progress") return task.status;
  if (task.status === "in_progress") return liveRun(model, task.id) ? "leased" : "taken";
  if (unmet(model, task) > 0) return "dependency";
  if (model.paused) return "workflow_paused";
  return task.isBackingOff ? "back_off" : undefined;
}
