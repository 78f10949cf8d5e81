import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { lockAgents } from "../agents/find.ts";
import { noteReceipt } from "../agents/receipts.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { id, idempotencyKey } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { askUntil } from "../work-signal.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { type ClaimContext, claimContext, emptyContext } from "./claim-context.ts";
import { bottom, inRange, type QueueKey, queueOrder, top } from "./claim-floor.ts";
import { type ClaimedRow, startRuns } from "./claim-start.ts";
import { taskLabel } from "./labels.ts";
import type { TaskRow } from "./task-row.ts";

export const claimInput = z.strictObject({
  max: z.number().int().min(1).max(100).default(1),
  waitMs: z.number().int().min(0).max(30_000).default(0),
  workflowId: id.optional(),
  idempotencyKey: idempotencyKey.optional(),
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
export async function withContext(ctx: AgentCtx, claimed: ClaimedRow[]): Promise<Claim[]> {
  const claims = await Promise.all(
    claimed.map(async ({ task, run, hasContext }) => ({
      task,
      run,
      context: hasContext ? await claimContext(ctx.db, { db: ctx.db, taskId: task.id }) : emptyContext(),
    })),
  );
  const spokenOf = claims.filter(({ context }) => context.comments.length > 0);
  noteReceipt(ctx, { claimed: spokenOf.map(({ run }) => run.id) });
  return claims;
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
    lockAgents(tx, ids),
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
  for (const want of wants) groups.set(kindOf(want), [...(groups.get(kindOf(want)) ?? []), want]);
  return [...groups.values()];
}

const kindOf = ({ capabilities, request }: Want) => JSON.stringify([capabilities.toSorted(), request.workflowId]);

/** Takes the next tasks for agents that can do the same, and deals them out. */
async function pick(tx: Connection, wants: Want[]): Promise<Pick[]> {
  const [first] = wants;
  if (!first) return [];
  const { floors } = first.request.ctx;
  const kind = kindOf(first);
  const floor = floors.of(kind);
  const matching = matchingTasks(first);
  const [rows] = await Promise.all([
    look(tx, wants, matching, { from: floor, below: top }),
    floors.raise(tx, kind, matching),
  ]);
  const picks = deal(rows, wants);
  const unserved = floor === bottom ? [] : wants.filter((want) => want.left > 0);
  if (unserved.length === 0) return picks;
  return [...picks, ...deal(await look(tx, unserved, matching, { from: bottom, below: floor }), unserved)];
}

/** What agents of this kind can do, whether or not it is free. */
const matchingTasks = ({ capabilities, request: { workflowId } }: Want) => ({
  where: `status = 'pending' and ready and required_capabilities <@ $1::text[]${workflowId ? " and workflow_id = $2" : ""}`,
  params: [capabilities, ...(workflowId ? [workflowId] : [])],
});

interface Free {
  id: string;
  agent_id: string | null;
  assigned_agent_id: string | null;
}

/** The first tasks of this part of the queue that are free for one of these agents. Locks them. */
function look(
  tx: Connection,
  wants: Want[],
  { where, params }: ReturnType<typeof matchingTasks>,
  { from, below }: { from: QueueKey; below: QueueKey },
): Promise<Free[]> {
  const next = params.length + 1;
  return tx.query<Free>(
    `select id, agent_id, assigned_agent_id from tasks
     where ${where} and ${inRange(next)} and (queue_after is null or queue_after <= now())
       and (assigned_agent_id is null or assigned_agent_id = any($${next + 6}::uuid[]))
     order by ${queueOrder} limit $${next + 7} for no key update skip locked`,
    [
      ...params,
      ...[from.rank, from.due, from.number, below.rank, below.due, below.number],
      wants.map((want) => want.request.ctx.actor.id),
      wants.reduce((sum, want) => sum + want.left, 0),
    ],
  );
}

interface Pick {
  id: string;
  agentId: string | null;
  request: ClaimRequest;
}

/** To each want what it may still take; a task kept for one agent goes to that one. */
function deal(rows: Free[], wants: Want[]): Pick[] {
  return rows.flatMap((row) => {
    const want = wants.find(
      ({ left, request }) => left > 0 && (!row.assigned_agent_id || row.assigned_agent_id === request.ctx.actor.id),
    );
    if (!want) return [];
    want.left--;
    return [{ id: row.id, agentId: row.agent_id, request: want.request }];
  });
}
