import type { AgentStatus, DesiredState, TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { findWorkflow } from "../workflows/find.ts";
import type { WorkflowRow } from "../workflows/roll-up.ts";
import { type LiveRun, liveRunsOf } from "./live-run.ts";
import type { TaskRow } from "./task-row.ts";

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
  task: TaskRow;
  workflow: WorkflowRow;
  /** By the database's clock. */
  now: Date;
  unmet: { id: string; number: number; name: string; status: TaskStatus }[];
  run: LiveRun | null;
  takenBy: { id: string; name: string } | null;
  /** Suggestions that wait for a person. */
  decision: { count: number; since: Date; suggestionId: string } | null;
  /** Who brought it to its end. */
  endedBy: { name: string; at: Date } | null;
  /** Not archived, and the assigned one in any case; only for a pending task. */
  agents: AgentFacts[];
}

export async function readFacts(ctx: Ctx, task: TaskRow): Promise<Facts> {
  const { db } = ctx;
  const [workflow, clock, unmet, runs, takers, decisions, endings, agents] = await Promise.all([
    findWorkflow(db, task.workflowId),
    db.query<{ now: Date }>("select now() as now"),
    db.query<Facts["unmet"][number]>(
      `select p.id, p.number, p.name, p.status from task_dependencies d join tasks p on p.id = d.depends_on_id
       where d.task_id = $1 and p.status <> 'completed' and p.deleted_at is null order by p.number`,
      [task.id],
    ),
    liveRunsOf(db, [task.id]),
    db.query<{ id: string; name: string }>("select id, name from users where id = $1", [task.takenById]),
    db.query<object>(
      `select count(*) over ()::int as count, created_at as since, id as suggestion_id from suggestions
       where task_id = $1 and status = 'pending' order by id limit 1`,
      [task.id],
    ),
    db.query<{ name: string; at: Date }>(
      `select actor_name as name, created_at as at from audit_logs
       where entity_type = 'task' and entity_id = $1 and changes -> 'status' ->> 'after' = $2 order by seq desc limit 1`,
      [task.id, task.status],
    ),
    task.status === "pending" ? readAgents(ctx, task) : [],
  ]);
  return {
    task,
    workflow,
    now: clock[0]?.now ?? new Date(),
    unmet,
    run: runs[0] ?? null,
    takenBy: takers[0] ?? null,
    decision: decisions[0] ? camelCased(decisions[0]) : null,
    endedBy: endings[0] ?? null,
    agents,
  };
}

async function readAgents(ctx: Ctx, task: TaskRow): Promise<AgentFacts[]> {
  const rows = await ctx.db.query<object>(
    `select a.id, a.name, a.status, a.desired_state, a.capabilities, a.max_concurrent, a.last_seen, a.archived_at,
       (select count(*)::int from task_runs r where r.agent_id = a.id and r.ended_at is null) as live_runs
     from agents a where a.archived_at is null or a.id = $1 order by lower(a.name), a.id`,
    [task.assignedAgentId],
  );
  return rows.map((row) => camelCased<AgentFacts>(row));
}
