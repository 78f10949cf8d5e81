import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { flag, id } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { endLiveRuns } from "../runs/end-runs.ts";
import { putBack } from "../runs/give-up.ts";
import { taskLabel } from "../tasks/labels.ts";
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

/** Retires an agent for good: its tokens end, its name is free again, its history stays. */
export async function archiveAgent(ctx: Ctx, input: z.output<typeof archiveAgentInput>): Promise<AgentRow> {
  const { agent, workflowIds } = await mutate(ctx, async (tx, record) => {
    // Tasks are locked before agents, as everywhere; what it claims until its own row is locked is found by the second look.
    await lockHeldTasks(tx, input.id);
    const before = await lockAgent(tx, input.id);
    const held = await lockHeldTasks(tx, input.id);
    if (held.length > 0 && !input.force) throw stillWorking(before, held);
    const agent = await changeAgent(tx, record, before, {
      action: "archived",
      fields: { archivedAt: sql`now()`, desiredState: "paused", status: "offline" },
    });
    await endTokens(tx, input.id);
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

function lockHeldTasks(tx: Connection, agentId: string): Promise<HeldTask[]> {
  return tx.query<HeldTask>(
    `select t.id, t.number, t.name, t.workflow_id from tasks t
     where t.id in (select task_id from task_runs where agent_id = $1 and ended_at is null) order by t.id for update`,
    [agentId],
  );
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
