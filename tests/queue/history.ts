import type { AuditChanges } from "../../db/schema/audit.ts";
import type { Host } from "../../server/services/context.ts";
import { explainTask } from "../../server/services/tasks/explain.ts";
import { watchAgents } from "../../server/workers/agent-status.ts";
import { asPerson, same } from "./calls.ts";
import type { Game } from "./game.ts";
import { type ModelTask, reasonsOf } from "./model.ts";

/** What must hold of a whole history: the audit log, the events, the agents' records, the reasons that people are given. */
export async function checkHistory(game: Game): Promise<void> {
  for (const server of game.servers) await watchAgents(server);
  await checkRecords(game);
  for (const task of game.model.tasks.values()) await checkTrail(game, task);
  await checkOthers(game);
  await checkBackOffs(game);
  await checkReasons(game);
}

/** Agents' totals and rates are a recount of their runs. */
async function checkRecords({ fleet, model, agents }: Game): Promise<void> {
  for (const { id, name } of agents) {
    const outcomes = [...model.runs.values()].filter((run) => run.agentId === id).map((run) => run.outcome ?? "");
    const succeeded = outcomes.filter((outcome) => outcome === "succeeded").length;
    const failed = outcomes.filter((outcome) => ["failed", "lost", "timed_out"].includes(outcome)).length;
    const total = succeeded + failed;
    const [row] = await fleet.db.query<object>(
      "select total_tasks as total, failed_tasks as failed, success_rate as rate from agents where id = $1",
      [id],
    );
    same(`the record of ${name}`, row, { total, failed, rate: total === 0 ? null : succeeded / total });
  }
}

interface TaskEvent {
  revision: number;
  type: string;
  row: Record<string, unknown>;
}

/** Every change is one line of the audit log, in one unbroken chain; the events, folded, give the table's row. */
async function checkTrail({ fleet }: Game, task: ModelTask): Promise<void> {
  const lines = await fleet.db.query<{ revision: number; changes: AuditChanges }>(
    "select revision, changes from audit_logs where entity_type = 'task' and entity_id = $1 order by seq",
    [task.id],
  );
  let status: unknown;
  for (const { changes } of lines) {
    if (!changes.status) continue;
    same("an audit line begins where the last one ended", changes.status.before, status);
    status = changes.status.after;
  }
  same("the audit log ends with the status", status, task.status);

  const events = await fleet.db.query<TaskEvent>(
    "select revision, type, data->'json' as row from events where channel = 'tasks' and entity_id = $1 order by seq",
    [task.id],
  );
  const revisions = events.map((event) => event.revision);
  same(
    "events in the order of revisions",
    revisions,
    revisions.toSorted((a, b) => a - b),
  );
  const announced = new Set(revisions);
  same(
    "changes that no event tells of",
    lines.filter((line) => !announced.has(line.revision)),
    [],
  );
  const folded = events.findLast((event) => event.type !== "task_deleted")?.row ?? {};
  const [row] = await fleet.db.query<{ row: Record<string, unknown> }>(
    `select json_build_object('status', status, 'progress', progress, 'attempt', attempt, 'result', result, 'agentId', agent_id,
       'assignedAgentId', assigned_agent_id, 'priority', priority, 'pendingSuggestions', pending_suggestions,
       'unmetDependencies', unmet_dependencies, 'revision', revision, 'failureReason', failure_reason, 'summary', summary) as row
     from tasks where id = $1`,
    [task.id],
  );
  if (task.isDeleted || !row) return;
  for (const [name, value] of Object.entries(row.row)) same(`${name} as the events have it`, folded[name], value);
}

/** Suggestions, comments, files and the workflow itself: each change once, in a chain. */
async function checkOthers({ fleet, model }: Game): Promise<void> {
  const lines = await fleet.db.query<{ entity: string; id: string; action: string; changes: AuditChanges }>(
    `select entity_type as entity, entity_id as id, action, changes from audit_logs
     where workflow_id = $1 and entity_type <> 'task' order by seq`,
    [model.workflow.id],
  );
  const actionsOf = (id: string) => lines.filter((line) => line.id === id).map((line) => line.action);
  for (const { id, status } of model.suggestions.values()) {
    same("audit lines of a suggestion", actionsOf(id), ["created", ...(status === "pending" ? [] : [status])]);
  }
  for (const id of model.comments.keys()) same("audit lines of a comment", actionsOf(id), ["created"]);
  for (const { id, files } of model.runs.values())
    same("audit lines of a run's files", actionsOf(id).length, files.length);
  let status: unknown;
  for (const { entity, changes } of lines) {
    if (entity !== "workflow" || !changes.status) continue;
    same("a workflow's audit line begins where the last one ended", changes.status.before, status);
    status = changes.status.after;
  }
  same("the audit log ends with the workflow's status", status, model.workflow.status);
}

/** 2, 4, 8 … seconds up to 5 minutes, each between half and the whole of it. */
async function checkBackOffs({ fleet, model }: Game): Promise<void> {
  const pauses = await fleet.db.query<{ seconds: number; attempt: number }>(
    `select (e.data->'json'->>'attempt')::int as attempt, extract(epoch from (e.data->'json'->>'queueAfter')::timestamptz
       - (e.data->'json'->>'updatedAt')::timestamptz - ${longer})::float8 as seconds
     from audit_logs a join events e on e.channel = 'tasks' and e.entity_id = a.entity_id and e.revision = a.revision
     where a.workflow_id = $1 and a.action in ('failed', 'lease_expired', 'timed_out') and e.data->'json'->>'status' = 'pending'`,
    [model.workflow.id],
  );
  for (const { seconds, attempt } of pauses) {
    const most = Math.min(300, 2 ** attempt);
    const isRight = seconds >= most / 2 - 0.01 && seconds <= most + 0.01;
    same(
      `a back-off of ${seconds} s after attempt ${attempt} is between half and the whole of ${most} s`,
      isRight,
      true,
    );
  }
}

async function checkReasons({ fleet, model, person, servers: [server] }: Game): Promise<void> {
  if (!server) return;
  const agents = await fleet.db.query<{ id: string; status: string }>("select id, status from agents");
  const offline = new Set(agents.filter((agent) => agent.status === "offline").map((agent) => agent.id));
  for (const task of model.tasks.values()) {
    const { reasons } = await explainTask(asPerson(server, person), { id: task.id });
    const expected = reasonsOf(model, task, (agentId) => offline.has(agentId));
    same(
      "why a task is where it is",
      reasons.map(({ code }) => code),
      expected,
    );
  }
}

const longer = "interval '1 day'";

/**
 * Makes every back-off a day longer than the product asks for, so that it ends when the history says so and never because the
 * machine is slow.
 */
export async function slowBackOffs({ db }: Host): Promise<void> {
  await db.query(`create function slow_back_off() returns trigger language plpgsql as $$
    begin
      new.queue_after := new.queue_after + ${longer};
      new.queue_expires_at := new.queue_expires_at + ${longer};
      return new;
    end $$`);
  await db.query(`create trigger slow_back_off before update on tasks for each row
    when (new.queue_after is distinct from old.queue_after and new.queue_after is not null) execute function slow_back_off()`);
}
