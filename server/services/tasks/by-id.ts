import { z } from "zod";
import type { TaskStatus, WorkflowStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { ref } from "../inputs.ts";
import { findTask } from "./find.ts";
import type { TaskRow } from "./task-row.ts";

export const taskRef = z.object({ id: ref });

interface Named {
  id: string;
  name: string;
}
interface Linked extends Named {
  number: number;
  status: TaskStatus;
}

/** A task's row with the names of what it belongs to. */
export interface TaskDetail extends TaskRow {
  workflow: { id: string; number: number; name: string; status: WorkflowStatus; deletedAt: Date | null };
  agent: Named | null;
  assignedAgent: Named | null;
  takenBy: Named | null;
  /** The live run. */
  currentRun: { id: string; attempt: number; agentId: string; claimedAt: Date; leaseExpiresAt: Date } | null;
  dependencies: Linked[];
  dependents: Linked[];
}

/** Everything about one task, also of one in the bin. */
export async function readTask(ctx: Ctx, input: z.output<typeof taskRef>): Promise<TaskDetail> {
  const task = await findTask(ctx.db, input.id);
  const [names, runs, links] = await Promise.all([namesOf(ctx, task), liveRun(ctx, task), linksOf(ctx, task)]);
  return { ...task, ...names, currentRun: runs, ...links };
}

async function namesOf(ctx: Ctx, task: TaskRow) {
  const rows = await ctx.db.query<Named & { kind: string; number: number; status: WorkflowStatus; deleted_at: Date }>(
    `select 'workflow' as kind, id, name, number, status, deleted_at from workflows where id = $1
     union all select 'agent', id, name, null, null, null from agents where id in ($2, $3)
     union all select 'user', id, name, null, null, null from users where id = $4`,
    [task.workflowId, task.agentId, task.assignedAgentId, task.takenById],
  );
  const named = (kind: string, id: string | null): Named | null => {
    const row = rows.find((one) => one.kind === kind && one.id === id);
    return row ? { id: row.id, name: row.name } : null;
  };
  const workflow = rows.find((row) => row.kind === "workflow");
  if (!workflow) throw new Error(`Task ${task.id} has no workflow`);
  const { id, number, name, status, deleted_at } = workflow;
  return {
    workflow: { id, number, name, status, deletedAt: deleted_at },
    agent: named("agent", task.agentId),
    assignedAgent: named("agent", task.assignedAgentId),
    takenBy: named("user", task.takenById),
  };
}

async function liveRun(ctx: Ctx, task: TaskRow): Promise<TaskDetail["currentRun"]> {
  const [row] = await ctx.db.query<object>(
    `select id, attempt, agent_id, claimed_at, lease_expires_at from task_runs
     where task_id = $1 and ended_at is null`,
    [task.id],
  );
  return row ? camelCased(row) : null;
}

async function linksOf(ctx: Ctx, task: TaskRow): Promise<Pick<TaskDetail, "dependencies" | "dependents">> {
  const rows = await ctx.db.query<Linked & { is_dependency: boolean }>(
    `select t.id, t.number, t.name, t.status, d.task_id = $1 as is_dependency
     from task_dependencies d
     join tasks t on t.id = case when d.task_id = $1 then d.depends_on_id else d.task_id end
     where (d.task_id = $1 or d.depends_on_id = $1) and t.deleted_at is null order by t.number`,
    [task.id],
  );
  const linked = (isDependency: boolean) =>
    rows
      .filter((row) => row.is_dependency === isDependency)
      .map(({ id, number, name, status }) => ({ id, number, name, status }));
  return { dependencies: linked(true), dependents: linked(false) };
}
