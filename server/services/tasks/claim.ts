import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { lockAgents } from "../agents/find.ts";
import { noteReceipt } from "../agents/receipts.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { id, idempotencyKey } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { releaseRun } from "../runs/give-up.ts";
import { askUntil, serverStops } from "../work-signal.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { type ClaimContext, claimContext, emptyContext } from "./claim-context.ts";
import { bottom, inRange, type QueueKey, queueOrder, top } from "./claim-floor.ts";
import { type ClaimedRow, startRuns } from "./claim-start.ts";
import { taskJson, taskOf } from "./record-in-statement.ts";
import type { TaskRow } from "./task-row.ts";

export const claimInput = z.strictObject({
  max: z.number().int().min(1).max(100).default(1),
  waitMs: z.number().int().min(0).max(30_000).default(0),
  workflowId: id.optional(),
  /** A repeat with the same key is answered with what is still live of the first one's runs, before anything new is claimed. */
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
    const { max, workflowId, idempotencyKey: key } = input;
    const claimed = await claimNow(ctx.db, { ctx, max, workflowId, key, isPatient: input.waitMs > 0 });
    return claimed.length > 0 ? claimed : undefined;
  });
  if (!claims) return [];
  rollUpClaimed(ctx, claims);
  if (abort?.aborted && abort.reason !== serverStops) handBack(ctx, claims);
  return withContext(ctx, claims);
}

/** Nobody hears the answer: without this the tasks would lie still until their leases end, and it would count as an attempt. */
function handBack(ctx: AgentCtx, claims: ClaimedRow[]): void {
  for (const { run } of claims) {
    const reason = "The agent had gone before it heard of the task";
    ctx.background.run(`release ${run.id}`, () =>
      releaseRun(ctx, { runId: run.id, leaseToken: run.leaseToken, reason }),
    );
  }
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
  noteReceipt(ctx, { claimed: spokenOf.map(({ run, context }) => ({ runId: run.id, comments: context.comments })) });
  return claims;
}

export interface ClaimRequest {
  ctx: AgentCtx;
  max: number;
  workflowId?: string | undefined;
  /** The caller's own name for this claim. */
  key?: string | undefined;
  /** Waits for news of tasks, so it need not look where none is known to be. */
  isPatient?: boolean;
}

const claimNow = gathererFor(async (requests: ClaimRequest[]) => {
  const [first] = requests;
  if (!first) return [];
  const claims = await mutate(first.ctx, async (tx, record) => {
    record.nothing();
    return claimIn(tx, record, requests);
  });
  return requests.map((request) => settled(claims.get(request) ?? []));
});

/** Claims for all requests in one transaction: capacity first, then one look into the queue per kind of agent. */
export async function claimIn(
  tx: Connection,
  record: Recorder,
  requests: ClaimRequest[],
): Promise<Map<ClaimRequest, ClaimedRow[]>> {
  if (requests.length === 0) return new Map();
  const claims = claimsOf(requests);
  const { wants, claimed } = await capacities(tx, [...new Set(claims.values())]);
  const picks: Pick[] = [];
  // One kind after the other, since what the first has picked is still to be had for the second.
  for (const group of byKind(wants)) picks.push(...(await pick(tx, group, picks)));
  const started = picks.length > 0 ? await startRuns(record, picks) : [];
  const rows = Map.groupBy([...claimed, ...started], ({ request }) => request);
  return new Map([...claims].map(([request, claim]) => [request, rows.get(claim) ?? []]));
}

/** Each request and the one that stands for it: the first of those of one agent that name the same key. */
function claimsOf(requests: ClaimRequest[]): Map<ClaimRequest, ClaimRequest> {
  const named = new Map<string, ClaimRequest>();
  return new Map(
    requests.map((request) => {
      if (!request.key) return [request, request];
      const name = nameOf(request.ctx.actor.id, request.key);
      const claim = named.get(name) ?? request;
      named.set(name, claim);
      return [request, claim];
    }),
  );
}

interface Want {
  request: ClaimRequest;
  capabilities: string[];
  left: number;
}

/**
 * How many more each request may take, and what a claim of the same key has taken already. The agents' rows are locked, so that
 * two claims of one agent count each other.
 */
async function capacities(tx: Connection, requests: ClaimRequest[]): Promise<{ wants: Want[]; claimed: ClaimedRow[] }> {
  const ids = [...new Set(requests.map((request) => request.ctx.actor.id))];
  const [, agents, claimed] = await Promise.all([
    lockAgents(tx, ids),
    tx.query<{ id: string; capabilities: string[]; free: number }>(
      `select id, capabilities, max_concurrent
         - (select count(*)::int from task_runs r where r.agent_id = a.id and r.ended_at is null) as free
       from agents a where id = any($1::uuid[]) and desired_state = 'active' and archived_at is null`,
      [ids],
    ),
    claimedBefore(tx, requests),
  ]);
  const free = new Map(agents.map((agent) => [agent.id, agent]));
  const answered = new Set(claimed.map(({ request }) => request));
  const wants = requests.flatMap((request) => {
    const agent = free.get(request.ctx.actor.id);
    if (!agent || answered.has(request)) return [];
    const left = Math.min(request.max, agent.free);
    agent.free -= Math.max(0, left);
    return left > 0 ? [{ request, capabilities: agent.capabilities, left }] : [];
  });
  return { wants, claimed };
}

/** What claims with these keys have taken and still hold. */
async function claimedBefore(tx: Connection, requests: ClaimRequest[]): Promise<ClaimedRow[]> {
  const keyed = new Map(
    requests.filter(({ key }) => key).map((request) => [nameOf(request.ctx.actor.id, request.key), request]),
  );
  if (keyed.size === 0) return [];
  const rows = await tx.query<{
    agent_id: string;
    claim_key: string;
    id: string;
    attempt: number;
    lease_token: string;
    lease_expires_at: Date;
    json: string;
  }>(
    `select r.id, r.agent_id, r.claim_key, r.attempt, r.lease_token, r.lease_expires_at, ${taskJson("t")} as json
     from task_runs r join tasks t on t.id = r.task_id
     where r.agent_id = any($1::uuid[]) and r.ended_at is null and r.claim_key = any($2::text[])
     order by r.id`,
    [[...keyed.values()].map(({ ctx }) => ctx.actor.id), [...keyed.values()].map(({ key }) => key)],
  );
  return rows.flatMap((row) => {
    const request = keyed.get(nameOf(row.agent_id, row.claim_key));
    const run = { id: row.id, attempt: row.attempt, leaseToken: row.lease_token, leaseExpiresAt: row.lease_expires_at };
    return request ? [{ task: taskOf(row), run, hasContext: true, request }] : [];
  });
}

const nameOf = (agentId: string, key: string | undefined) => `${agentId} ${key}`;

function byKind(wants: Want[]): Want[][] {
  const groups = new Map<string, Want[]>();
  for (const want of wants) groups.set(kindOf(want), [...(groups.get(kindOf(want)) ?? []), want]);
  return [...groups.values()];
}

const kindOf = ({ capabilities, request }: Want) => JSON.stringify([capabilities.toSorted(), request.workflowId]);

/** Takes the next tasks for agents that can do the same, and deals them out. */
async function pick(tx: Connection, wants: Want[], taken: Pick[]): Promise<Pick[]> {
  const [first] = wants;
  if (!first) return [];
  const { floors } = first.request.ctx;
  const kind = kindOf(first);
  const floor = floors.of(kind);
  const matching = matchingTasks(first, taken);
  const [rows] = await Promise.all([
    look(tx, wants, matching, { from: floor, below: top }),
    floors.raise(tx, kind, matching),
  ]);
  const picks = deal(rows, wants);
  const unserved = floor === bottom ? [] : wants.filter(({ left, request }) => left > 0 && !request.isPatient);
  if (unserved.length === 0) return picks;
  return [...picks, ...deal(await look(tx, unserved, matching, { from: bottom, below: floor }), unserved)];
}

/** What agents of this kind can do, whether or not it is free, apart from what was just taken. */
function matchingTasks({ capabilities, request: { workflowId } }: Want, taken: Pick[]) {
  const where = ["status = 'pending' and ready and required_capabilities <@ $1::text[]"];
  const params: unknown[] = [capabilities];
  if (workflowId) where.push(`workflow_id = $${params.push(workflowId)}`);
  if (taken.length > 0) where.push(`id <> all($${params.push(taken.map((one) => one.id))}::uuid[])`);
  return { where: where.join(" and "), params };
}

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
