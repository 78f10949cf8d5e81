import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { flag, id } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { endLiveRuns } from "../runs/end-runs.ts";
import { putBack } from "../runs/give-up.ts";
import { taskLabel } from "../tasks/labels.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import type { AgentRow } from "./agent-row.ts";
import { changeAgent } from "./change.ts";
import { lockAgent } from "./find.ts";
import { endTokens } from "./tokens.ts";

export const archiveAgentInput = z.object({
  id,
  /** Ends its live runs; their tasks go back to Pending. */
  force: flag,
});

/** Retires an agent for good: its tokens end, its name is free again, nothing is kept for it any more, its history stays. */
export async function archiveAgent(ctx: Ctx, input: z.output<typeof archiveAgentInput>): Promise<AgentRow> {
  const { agent, workflowIds } = await mutate(ctx, async (tx, record) => {
    // Tasks are locked before agents, as everywhere; what it claims until its own row is locked is found by the second look.
    await lockItsTasks(tx, input.id);
    const before = await lockAgent(tx, input.id);
    const { held, kept } = await lockItsTasks(tx, input.id);
    if (held.length > 0 && !input.force) throw stillWorking(before, held);
    const agent = await changeAgent(tx, record, before, {
      action: "archived",
      fields: { archivedAt: sql`now()`, desiredState: "paused", status: "offline" },
    });
    await endTokens(tx, input.id);
    await giveFree(tx, record, { agent, kept });
    if (held.length > 0) await takeBack(tx, record, ctx, { agent, taskIds: held.map((task) => task.id) });
    return { agent, workflowIds: new Set(held.map((task) => task.workflow_id)) };
  });
  for (const workflowId of workflowIds) rollUpSoon(ctx, workflowId);
  return agent;
}

interface HeldTask {
  id: string;
  number: number;
  name: string;
  workflow_id: string;
}

/** The tasks that it works on, and those that are kept for it and still to be done. */
async function lockItsTasks(tx: Connection, agentId: string): Promise<{ held: HeldTask[]; kept: string[] }> {
  const rows = await tx.query<HeldTask & { is_held: boolean; is_kept: boolean }>(
    `select t.id, t.number, t.name, t.workflow_id, h.task_id is not null as is_held,
       t.assigned_agent_id is not distinct from $1::uuid as is_kept
     from tasks t left join task_runs h on h.task_id = t.id and h.agent_id = $1 and h.ended_at is null
     where t.id in (
       select task_id from task_runs where agent_id = $1 and ended_at is null
       union all
       select id from tasks where assigned_agent_id = $1 and status in ('pending', 'in_progress')
     ) order by t.id for update of t`,
    [agentId],
  );
  return { held: rows.filter((row) => row.is_held), kept: rows.filter((row) => row.is_kept).map((row) => row.id) };
}

/** What was kept for it would wait for ever: whoever can do it may have it now. */
async function giveFree(
  tx: Connection,
  record: Recorder,
  { agent, kept }: { agent: AgentRow; kept: string[] },
): Promise<void> {
  const rows = await tx.query<object>(
    `update tasks set assigned_agent_id = null, updated_at = now(), revision = revision + 1
     where id = any($1::uuid[]) returning *`,
    [kept],
  );
  for (const task of rows.map((row) => camelCased<TaskRow>(row))) {
    const before = { ...task, assignedAgentId: agent.id };
    recordTask(record, { task, before, action: "assigned", reason: `${agent.name} was archived` });
  }
}

function stillWorking(agent: AgentRow, held: HeldTask[]): Conflict {
  const [first] = held;
  const works = held.length === 1 && first ? taskLabel(first) : `${held.length} tasks`;
  return new Conflict(
    "has_live_run",
    `${agent.name} is working on ${works}. Drain it first, or confirm to end its runs and put the tasks back.`,
    { liveRuns: held.length, tasks: held.map(({ id, number, name }) => ({ id, number, name })) },
  );
}

async function takeBack(
  tx: Connection,
  record: Recorder,
  ctx: Ctx,
  { agent, taskIds }: { agent: AgentRow; taskIds: string[] },
): Promise<void> {
  const reason = `${agent.name} was archived`;
  await endLiveRuns(tx, taskIds, "released", reason);
  const requeues = taskIds.map((taskId) => ({ taskId, reason, retryable: true, released: true }));
  await putBack(tx, record, ctx, requeues, "released");
}
