import { z } from "zod";
import type { Priority, TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { ref } from "../inputs.ts";
import { findWorkflow } from "./find.ts";
import type { WorkflowRow } from "./roll-up.ts";

export const workflowRef = z.object({ id: ref });

/** A workflow's row with its owner. */
export interface WorkflowDetail extends WorkflowRow {
  owner: { id: string; name: string } | null;
  /** Agents that work on it now. */
  liveRuns: number;
  /** Suggestions in it that wait for a person. */
  pendingSuggestions: number;
}

/** Everything about one workflow but its tasks, also of one in the bin. */
export async function readWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowDetail> {
  const workflow = await findWorkflow(ctx.db, input.id);
  const [row] = await ctx.db.query<{ owner_name: string | null; live_runs: number; pending_suggestions: number }>(
    `select (select name from users where id = $2) as owner_name,
       (select count(*)::int from tasks t join task_runs r on r.task_id = t.id
        where t.workflow_id = $1 and t.status = 'in_progress' and r.ended_at is null) as live_runs,
       (select count(*)::int from suggestions s join tasks t on t.id = s.task_id
        where s.workflow_id = $1 and s.status = 'pending' and t.deleted_at is null) as pending_suggestions`,
    [workflow.id, workflow.ownerId],
  );
  return {
    ...workflow,
    owner: workflow.ownerId && row?.owner_name ? { id: workflow.ownerId, name: row.owner_name } : null,
    liveRuns: row?.live_runs ?? 0,
    pendingSuggestions: row?.pending_suggestions ?? 0,
  };
}

/** What waits for what: all tasks of a workflow as nodes, each with the tasks that it depends on. */
export interface GraphNode {
  id: string;
  number: number;
  name: string;
  status: TaskStatus;
  priority: Priority;
  progress: number;
  unmetDependencies: number;
  pendingSuggestions: number;
  agentName: string | null;
  dependsOn: string[];
}

export async function readWorkflowGraph(
  ctx: Ctx,
  input: z.output<typeof workflowRef>,
): Promise<{ nodes: GraphNode[] }> {
  const workflow = await findWorkflow(ctx.db, input.id);
  const rows = await ctx.db.query<object>(
    `select t.id, t.number, t.name, t.status, t.priority, t.progress, t.unmet_dependencies, t.pending_suggestions,
       a.name as agent_name,
       array(select d.depends_on_id from task_dependencies d join tasks p on p.id = d.depends_on_id
             where d.task_id = t.id and p.deleted_at is null order by p.number) as depends_on
     from tasks t left join agents a on a.id = t.agent_id
     where t.workflow_id = $1 and t.deleted_at is null order by t.number limit 2000`,
    [workflow.id],
  );
  return { nodes: rows.map((row) => camelCased<GraphNode>(row)) };
}
