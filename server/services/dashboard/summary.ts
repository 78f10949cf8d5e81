import type { AgentStatus, DesiredState, TaskStatus, WorkflowStatus } from "../../../db/enums.ts";
import { agentStatuses, desiredStates, taskStatuses, workflowStatuses } from "../../../db/enums.ts";
import { derivedStatus } from "../agents/status.ts";
import type { AuditRow } from "../audit/list.ts";
import { listAudit } from "../audit/list.ts";
import type { Ctx } from "../context.ts";
import { countPendingSuggestions, type PendingCount } from "../suggestions/pending-count.ts";

/** Deleted tasks and workflows, and archived agents, count nowhere. */
export interface DashboardSummary {
  /** What only a person can move. */
  needsYou: {
    decisions: PendingCount;
    /** Failed for good, in workflows that are not cancelled. */
    failedTasks: number;
    /** Claimable now, but no agent that is seen and active has the capabilities. */
    cannotStart: number;
    /** Past the end of their due date by the server's day, and not completed or cancelled. */
    overdue: number;
    /** Offline while they hold leases. */
    offlineAgents: { id: string; name: string; lastSeen: Date | null; liveRuns: number }[];
  };
  workflows: Record<WorkflowStatus, number>;
  tasks: Record<TaskStatus, number>;
  agents: {
    /** As derived at this moment. */
    byStatus: Record<AgentStatus, number>;
    /** What people asked of them. */
    byDesiredState: Record<DesiredState, number>;
  };
  last24h: Throughput;
  /** The 24 hours before those. */
  previous24h: Throughput;
  queue: {
    /** Tasks that an agent could claim at this moment: pending, ready, past their back-off. */
    depth: number;
    /** Since when the oldest of them may be claimed or, if its back-off never was, exists. */
    oldestAt: Date | null;
  };
  /** The newest lines of the audit log. */
  recent: AuditRow[];
}

interface Throughput {
  /** Tasks that reached completed in the window and still are. */
  completed: number;
  /** Tasks that failed for good in the window and still are failed. */
  failed: number;
  /** failed ÷ (completed + failed); null when there were neither. */
  failureRate: number | null;
}

const recentLines = 12;

export async function summarise(ctx: Ctx): Promise<DashboardSummary> {
  const [decisions, workflows, tasks, cannotStart, agents, recent] = await Promise.all([
    countPendingSuggestions(ctx),
    countWorkflows(ctx),
    countTasks(ctx),
    countCannotStart(ctx),
    readAgentStates(ctx),
    listAudit(ctx, { limit: recentLines }),
  ]);
  return {
    needsYou: {
      decisions,
      failedTasks: workflows.failedTasks,
      cannotStart,
      overdue: tasks.overdue,
      offlineAgents: agents
        .filter((agent) => agent.status === "offline" && agent.live > 0)
        .map(({ id, name, last_seen, live }) => ({ id, name, lastSeen: last_seen, liveRuns: live })),
    },
    workflows: workflows.byStatus,
    tasks: workflows.tasks,
    agents: {
      byStatus: countsOf(agentStatuses, (status) => agents.filter((agent) => agent.status === status).length),
      byDesiredState: countsOf(desiredStates, (state) => agents.filter((agent) => agent.desired === state).length),
    },
    last24h: throughput(tasks.completed_1, tasks.failed_1),
    previous24h: throughput(tasks.completed_2, tasks.failed_2),
    queue: { depth: tasks.claimable, oldestAt: tasks.oldest_at },
    recent: recent.items,
  };
}

const countsOf = <Word extends string>(words: readonly Word[], count: (word: Word) => number) =>
  // Object.fromEntries forgets the keys that it was given.
  Object.fromEntries(words.map((word) => [word, count(word)])) as Record<Word, number>;

const throughput = (completed: number, failed: number): Throughput => ({
  completed,
  failed,
  failureRate: completed + failed === 0 ? null : failed / (completed + failed),
});

interface WorkflowFigures {
  byStatus: Record<WorkflowStatus, number>;
  tasks: Record<TaskStatus, number>;
  failedTasks: number;
}

/** Workflows by status, and their tasks as they were rolled up: a moment old, and as quick for a million tasks as for ten. */
async function countWorkflows(ctx: Ctx): Promise<WorkflowFigures> {
  const sum = (status: TaskStatus) => `coalesce(sum((task_counts ->> '${status}')::int), 0)::int as ${status}`;
  const rows = await ctx.db.query<Record<TaskStatus, number> & { workflow_status: WorkflowStatus; n: number }>(
    `select status as workflow_status, count(*)::int as n, ${taskStatuses.map(sum).join(", ")}
     from workflows where deleted_at is null group by status`,
  );
  const total = (count: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + count(row), 0);
  return {
    byStatus: countsOf(workflowStatuses, (status) => total((row) => (row.workflow_status === status ? row.n : 0))),
    tasks: countsOf(taskStatuses, (status) => total((row) => row[status])),
    failedTasks: total((row) => (row.workflow_status === "cancelled" ? 0 : row.failed)),
  };
}

type TaskFigures = Record<`${"completed" | "failed"}_${1 | 2}` | "overdue" | "claimable", number> & {
  oldest_at: Date | null;
};

const claimable = "t.status = 'pending' and t.ready and (t.queue_after is null or t.queue_after <= now())";

/** Each figure from the part of the tasks that it is about, which an index knows. */
async function countTasks(ctx: Ctx): Promise<TaskFigures> {
  const ended = (status: string, day: 1 | 2) =>
    `count(*) filter (where t.status = '${status}' and t.completed_at > now() - interval '${day * 24} hours'
       and t.completed_at <= now() - interval '${(day - 1) * 24} hours')::int as ${status}_${day}`;
  const there =
    "from tasks t join workflows w on w.id = t.workflow_id where t.deleted_at is null and w.deleted_at is null";
  const [row] = await ctx.db.query<TaskFigures>(
    `select * from
       (select ${[ended("completed", 1), ended("completed", 2), ended("failed", 1), ended("failed", 2)].join(", ")}
        ${there} and t.completed_at > now() - interval '48 hours') ended,
       (select count(*)::int as claimable, min(coalesce(t.queue_after, t.created_at)) as oldest_at ${there} and ${claimable}) queue,
       (select count(*)::int as overdue ${there} and t.due_date < current_date
          and t.status in ('pending', 'in_progress', 'failed')) due`,
  );
  if (!row) throw new Error("An aggregate answers with one row");
  return row;
}

/** Grouped by what is required first: the kinds of work are few, the tasks may be many. */
async function countCannotStart(ctx: Ctx): Promise<number> {
  const [row] = await ctx.db.query<{ n: number }>(
    `select coalesce(sum(k.n), 0)::int as n
     from (select t.required_capabilities as needed, t.assigned_agent_id as wish, count(*) as n
           from tasks t where ${claimable} group by 1, 2) k
     where not exists (
       select 1 from agents a
       where a.archived_at is null and a.desired_state = 'active' and k.needed <@ a.capabilities
         and (k.wish is null or k.wish = a.id) and a.last_seen > now() - make_interval(secs => $1))`,
    [ctx.config.agentOfflineSeconds],
  );
  return row?.n ?? 0;
}

interface AgentState {
  id: string;
  name: string;
  last_seen: Date | null;
  desired: DesiredState;
  live: number;
  status: AgentStatus;
}

function readAgentStates(ctx: Ctx): Promise<AgentState[]> {
  return ctx.db.query<AgentState>(
    `select a.id, a.name, a.last_seen, a.desired_state as desired, live.n as live, ${derivedStatus("$1", "live.n")} as status
     from agents a
     cross join lateral (select count(*)::int as n from task_runs r where r.agent_id = a.id and r.ended_at is null) live
     where a.archived_at is null order by a.name`,
    [ctx.config.agentOfflineSeconds],
  );
}
