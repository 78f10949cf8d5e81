import type { Connection } from "../../../db/client.ts";
import type { AgentStatus, DesiredState, TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { WorkflowRow } from "../workflows/roll-up.ts";
import type { LiveRun } from "./live-run.ts";
import type { TaskRow } from "./task-row.ts";

/** What must be known of a task to begin with; rows have it, and cards. */
export type ExplainedTask = Pick<
  TaskRow,
  | "id"
  | "status"
  | "ready"
  | "requiredCapabilities"
  | "assignedAgentId"
  | "attempt"
  | "maxAttempts"
  | "queueAfter"
  | "queueExpiresAt"
  | "queueTtlSeconds"
  | "failureReason"
  | "startedAt"
  | "completedAt"
  | "deletedAt"
>;

export interface AgentFacts {
  id: string;
  name: string;
  status: AgentStatus;
  desiredState: DesiredState;
  capabilities: string[];
  maxConcurrent: number;
  liveRuns: number;
  lastSeen: Date | null;
  archivedAt: Date | null;
}

/** All that the answer to "why is it not moving?" rests on. */
export interface Facts {
  task: ExplainedTask;
  workflow: Pick<WorkflowRow, "status" | "deletedAt" | "pausedAt" | "pausedByName" | "failedReason">;
  /** By the database's clock. */
  now: Date;
  /** Those that will never be completed by themselves first; at most twenty. */
  unmet: { count: number; tasks: { id: string; number: number; name: string; status: TaskStatus }[] };
  run: LiveRun | null;
  /** The person who took it by hand. */
  taker: { id: string; name: string } | null;
  /** Suggestions that wait for a person. */
  decision: { count: number; since: Date; suggestionId: string } | null;
  /** Not archived, and the assigned ones in any case; only when one of the tasks is pending. */
  agents: AgentFacts[];
}

/** The facts about each of these tasks, in their order: two statements, however many they are. */
export async function readFacts(db: Connection, tasks: ExplainedTask[]): Promise<Facts[]> {
  const waiting = tasks.filter(({ status }) => status === "pending");
  const [rows, agents] = await Promise.all([
    db.query<object>(factsStatement, [tasks.map(({ id }) => id)]),
    waiting.length > 0 ? readAgents(db, waiting) : [],
  ]);
  const byTask = new Map(rows.map((row) => camelCased<FactsRow>(row)).map((row) => [row.taskId, row]));
  return tasks.flatMap((task) => {
    const row = byTask.get(task.id);
    return row ? [factsOf(task, row, agents)] : [];
  });
}

type FactsRow = LiveRun &
  Omit<Facts["workflow"], "status" | "deletedAt"> & {
    now: Date;
    workflowStatus: WorkflowRow["status"];
    workflowDeletedAt: Date | null;
    unmetCount: number | null;
    unmetTasks: Facts["unmet"]["tasks"] | null;
    runId: string | null;
    takerId: string | null;
    takerName: string;
    decisions: number;
    decisionSince: Date;
    suggestionId: string;
  };

const factsStatement = `
select t.id as task_id, now() as now,
  w.status as workflow_status, w.deleted_at as workflow_deleted_at, w.paused_at, w.paused_by_name, w.failed_reason,
  d.count as unmet_count, d.tasks as unmet_tasks,
  r.id as run_id, r.agent_id, a.name as agent_name, r.attempt, r.claimed_at, r.lease_expires_at,
  u.id as taker_id, u.name as taker_name, s.decisions, s.decision_since, s.suggestion_id
from tasks t
join workflows w on w.id = t.workflow_id
left join task_runs r on r.task_id = t.id and r.ended_at is null
left join agents a on a.id = r.agent_id
left join users u on u.id = t.taken_by_id
left join lateral (
  select max(n)::int as count, json_agg(json_build_object('id', id, 'number', number, 'name', name, 'status', status)
    order by is_hopeless desc, number) as tasks
  from (
    select p.id, p.number, p.name, p.status, p.status in ('failed', 'cancelled') as is_hopeless, count(*) over () as n
    from task_dependencies d join tasks p on p.id = d.depends_on_id
    where d.task_id = t.id and p.status <> 'completed' and p.deleted_at is null
    order by is_hopeless desc, p.number limit 20
  ) unmet
) d on t.unmet_dependencies > 0
left join lateral (
  select count(*)::int as decisions, min(created_at) as decision_since, (array_agg(id order by id))[1] as suggestion_id
  from suggestions s where s.task_id = t.id and s.status = 'pending'
) s on t.pending_suggestions > 0
where t.id = any($1::uuid[])`;

function factsOf(task: ExplainedTask, row: FactsRow, agents: AgentFacts[]): Facts {
  const { taskId, runId, agentId, agentName, attempt, claimedAt, leaseExpiresAt } = row;
  const { pausedAt, pausedByName, failedReason } = row;
  return {
    task,
    workflow: { status: row.workflowStatus, deletedAt: row.workflowDeletedAt, pausedAt, pausedByName, failedReason },
    now: row.now,
    unmet: { count: row.unmetCount ?? 0, tasks: row.unmetTasks ?? [] },
    run: runId ? { runId, taskId, agentId, agentName, attempt, claimedAt, leaseExpiresAt } : null,
    taker: row.takerId ? { id: row.takerId, name: row.takerName } : null,
    decision: row.decisions ? { count: row.decisions, since: row.decisionSince, suggestionId: row.suggestionId } : null,
    agents,
  };
}

async function readAgents(db: Connection, tasks: ExplainedTask[]): Promise<AgentFacts[]> {
  const rows = await db.query<object>(
    `select a.id, a.name, a.status, a.desired_state, a.capabilities, a.max_concurrent, a.last_seen, a.archived_at,
       (select count(*)::int from task_runs r where r.agent_id = a.id and r.ended_at is null) as live_runs
     from agents a where a.archived_at is null or a.id = any($1::uuid[]) order by lower(a.name), a.id`,
    [tasks.flatMap(({ assignedAgentId }) => assignedAgentId ?? [])],
  );
  return rows.map((row) => camelCased<AgentFacts>(row));
}
