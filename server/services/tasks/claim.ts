import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { id } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { askUntil } from "../work-signal.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { type ClaimContext, claimContext, emptyContext } from "./claim-context.ts";
import { type ClaimedRow, startRuns } from "./claim-start.ts";
import { taskLabel } from "./labels.ts";
import type { TaskRow } from "./task-row.ts";

export const claimInput = z.strictObject({
  max: z.number().int().min(1).max(100).default(1),
  waitMs: z.number().int().min(0).max(30_000).default(0),
  workflowId: id.optional(),
});
type ClaimInput = z.output<typeof claimInput>;

export interface Claim {
  task: TaskRow;
  run: { id: string; attempt: number; leaseToken: string; leaseExpiresAt: Date };
  context: ClaimContext;
}

/**
 * Claims up to `max` tasks for the asking agent, each under a lease of its own; an empty list when there is nothing for
 * it within `waitMs`. Never more than the agent's `maxConcurrent` at once, and nothing for one that drains or is paused.
 */
export async function claimTasks(ctx: AgentCtx, input: ClaimInput, abort?: AbortSignal): Promise<Claim[]> {
  const claims = await askUntil(ctx.work, { waitMs: input.waitMs, abort }, async () => {
    const claimed = await claimNow(ctx.db, { ctx, max: input.max, workflowId: input.workflowId });
    return claimed.length > 0 ? claimed : undefined;
  });
  if (!claims) return [];
  rollUpClaimed(ctx, claims);
  return withContext(ctx, claims);
}

/** A claim moves a task from one of its workflow's counts to another. To be called after the commit. */
export function rollUpClaimed(ctx: AgentCtx, claims: ClaimedRow[]): void {
  for (const workflowId of new Set(claims.map(({ task }) => task.workflowId))) rollUpSoon(ctx, workflowId);
}

/** What the claiming agent gets of its claims; most tasks have nothing before them to look up. */
export function withContext(ctx: AgentCtx, claims: ClaimedRow[]): Promise<Claim[]> {
  return Promise.all(
    claims.map(async ({ task, run, hasContext }) => ({
      task,
      run,
      context: hasContext ? await claimContext(ctx.db, { db: ctx.db, taskId: task.id }) : emptyContext(),
    })),
  );
}

export interface ClaimRequest {
  ctx: AgentCtx;
  max: number;
  workflowId?: string | undefined;
}

const claimNow = gathererFor(async (requests: ClaimRequest[]) => {
  const [first] = requests;
  if (!first) return [];
  const rows = await mutate(first.ctx, async (tx, record) => {
    const rows = await claimIn(tx, record, requests);
    if (rows.length === 0) record.nothing();
    return rows;
  });
  return requests.map((request) => settled(rows.filter((row) => row.request === request)));
});

/** Claims for all requests in one transaction: capacity first, then one look into the queue per kind of agent. */
export async function claimIn(tx: Connection, record: Recorder, requests: ClaimRequest[]): Promise<ClaimedRow[]> {
  if (requests.length === 0) return [];
  const wants = await capacities(tx, requests);
  const picks = (await Promise.all(byKind(wants).map((group) => pick(tx, group)))).flat();
  const rows = picks.length > 0 ? await startRuns(tx, picks) : [];
  for (const row of rows) recordClaim(record, row);
  return rows;
}

function recordClaim(record: Recorder, { task, run, request, before }: ClaimedRow) {
  record({
    event: "task_update",
    entity: "task",
    action: "claimed",
    id: task.id,
    revision: task.revision,
    before,
    after: { status: task.status, agentId: task.agentId, attempt: task.attempt, currentRunId: run.id },
    data: task,
    label: taskLabel(task),
    workflowId: task.workflowId,
    taskId: task.id,
    by: request.ctx,
  });
}

interface Want {
  request: ClaimRequest;
  capabilities: string[];
  left: number;
}

/** How many more each request may take. The agents' rows are locked, so that two claims of one agent count each other. */
async function capacities(tx: Connection, requests: ClaimRequest[]): Promise<Want[]> {
  const ids = [...new Set(requests.map((request) => request.ctx.actor.id))];
  const [, agents] = await Promise.all([
    tx.query("select id from agents where id = any($1::uuid[]) order by id for no key update", [ids]),
    tx.query<{ id: string; capabilities: string[]; free: number }>(
      `select id, capabilities, max_concurrent
         - (select count(*)::int from task_runs r where r.agent_id = a.id and r.ended_at is null) as free
       from agents a where id = any($1::uuid[]) and desired_state = 'active' and archived_at is null`,
      [ids],
    ),
  ]);
  const free = new Map(agents.map((agent) => [agent.id, agent]));
  return requests.flatMap((request) => {
    const agent = free.get(request.ctx.actor.id);
    if (!agent) return [];
    const left = Math.min(request.max, agent.free);
    agent.free -= Math.max(0, left);
    return left > 0 ? [{ request, capabilities: agent.capabilities, left }] : [];
  });
}

function byKind(wants: Want[]): Want[][] {
  const groups = new Map<string, Want[]>();
  for (const want of wants) {
    const kind = JSON.stringify([want.capabilities.toSorted(), want.request.workflowId]);
    groups.set(kind, [...(groups.get(kind) ?? []), want]);
  }
  return [...groups.values()];
}

/** Takes the next tasks for agents that can do the same, and deals them out; a task kept for one agent goes to that one. */
async function pick(tx: Connection, wants: Want[]) {
  const [first] = wants;
  if (!first) return [];
  const { workflowId } = first.request;
  const rows = await tx.query<{ id: string; agent_id: string | null; assigned_agent_id: string | null }>(
    `select id, agent_id, assigned_agent_id from tasks
     where status = 'pending' and ready and (queue_after is null or queue_after <= now())
       and required_capabilities <@ $1::text[]
       and (assigned_agent_id is null or assigned_agent_id = any($2::uuid[]))
       ${workflowId ? "and workflow_id = $4" : ""}
     order by queue_rank, due_date, id limit $3 for no key update skip locked`,
    [
      first.capabilities,
      wants.map((want) => want.request.ctx.actor.id),
      wants.reduce((sum, want) => sum + want.left, 0),
      ...(workflowId ? [workflowId] : []),
    ],
  );
  return rows.flatMap((row) => {
    const want = wants.find(
      ({ left, request }) => left > 0 && (!row.assigned_agent_id || row.assigned_agent_id === request.ctx.actor.id),
    );
    if (!want) return [];
    want.left--;
    return [{ id: row.id, agentId: row.agent_id, request: want.request }];
  });
}
