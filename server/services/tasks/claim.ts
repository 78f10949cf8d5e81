import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { lockAgents } from "../agents/find.ts";
import { noteReceipt } from "../agents/receipts.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { id, idempotencyKey } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { releaseRun } from "../runs/give-up.ts";
import { askUntil, type Offer, serverStops } from "../work-signal.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { type ClaimContext, claimContext, emptyContext } from "./claim-context.ts";
import { claimedBefore, claimsOf } from "./claim-key.ts";
import { byKind, type Pick, pick, type Want } from "./claim-pick.ts";
import { type ClaimedRow, startRuns } from "./claim-start.ts";
import type { TaskRow } from "./task-row.ts";

export const claimInput = z.strictObject({
  /** With 0 and a key it only asks for what that key has taken before. */
  max: z.number().int().min(0).max(100).default(1),
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
  const { max, waitMs, workflowId, idempotencyKey: key } = input;
  let asker: Asker | undefined;
  const wants = (task: Offer) => asker && wouldTake(ctx.actor.id, { asker, workflowId, task });
  const claims = await askUntil(ctx.work, { waitMs, abort, wants }, async () => {
    const answer = await claimNow(ctx.db, { ctx, max, workflowId, key, isPatient: waitMs > 0 });
    asker = answer.asker;
    return answer.claimed.length > 0 ? answer.claimed : undefined;
  });
  if (!claims) return [];
  rollUpClaimed(ctx, claims);
  if (abort?.aborted && abort.reason !== serverStops) handBack(ctx, claims);
  return withContext(ctx, claims);
}

/** Whether it could have this task, as of its last look: what changes that wakes it by its name. */
function wouldTake(
  agentId: string,
  { asker, workflowId, task }: { asker: Asker; workflowId: string | undefined; task: Offer },
): boolean {
  if (asker.free <= 0 || (workflowId && task.workflowId !== workflowId)) return false;
  if (task.assignedAgentId && task.assignedAgentId !== agentId) return false;
  return task.requiredCapabilities.every((one) => asker.capabilities.includes(one));
}

/** Nobody hears the answer: without this the tasks would lie still until their leases end, and it would count as an attempt. */
function handBack(ctx: AgentCtx, claims: ClaimedRow[]): void {
  for (const { run } of claims) {
    const reason = "The agent had gone before it heard of the task";
    const release = () => releaseRun(ctx, { runId: run.id, leaseToken: run.leaseToken, reason });
    ctx.background.run(`release ${run.id}`, release, { isUrgent: true });
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
  return requests.map((request) => settled(claims.get(request) ?? noClaim));
});

/** Claims for all requests in one transaction: capacity first, then one look into the queue per kind of agent. */
export async function claimIn(
  tx: Connection,
  record: Recorder,
  requests: ClaimRequest[],
): Promise<Map<ClaimRequest, Claimed>> {
  if (requests.length === 0) return new Map();
  const claims = claimsOf(requests);
  const { wants, claimed, askers } = await capacities(tx, [...new Set(claims.values())]);
  const picks: Pick[] = [];
  // One kind after the other, since what the first has picked is still to be had for the second.
  for (const group of byKind(wants)) picks.push(...(await pick(tx, group, picks)));
  const started = picks.length > 0 ? await startRuns(record, picks) : [];
  const rows = Map.groupBy([...claimed, ...started], ({ request }) => request);
  return new Map(
    [...claims].map(([request, claim]) => [
      request,
      { claimed: rows.get(claim) ?? [], asker: askers.get(request.ctx.actor.id) ?? noClaim.asker },
    ]),
  );
}

/** What a claim brought, and how the agent stood when it asked. */
interface Claimed {
  claimed: ClaimedRow[];
  asker: Asker;
}

interface Asker {
  capabilities: string[];
  /** How many tasks it might have taken; none while it is paused or drains. */
  free: number;
}

const noClaim: Claimed = { claimed: [], asker: { capabilities: [], free: 0 } };

/**
 * How many more each request may take, and what a claim of the same key has taken already. The agents' rows are locked, so that
 * two claims of one agent count each other.
 */
async function capacities(
  tx: Connection,
  requests: ClaimRequest[],
): Promise<{ wants: Want[]; claimed: ClaimedRow[]; askers: Map<string, Asker> }> {
  const ids = [...new Set(requests.map((request) => request.ctx.actor.id))];
  const [, agents, claimed] = await Promise.all([
    lockAgents(tx, ids),
    tx.query<Asker & { id: string }>(
      `select id, capabilities, max_concurrent
         - (select count(*)::int from task_runs r where r.agent_id = a.id and r.ended_at is null) as free
       from agents a where id = any($1::uuid[]) and desired_state = 'active' and archived_at is null`,
      [ids],
    ),
    claimedBefore(tx, requests),
  ]);
  const askers = new Map(agents.map((agent) => [agent.id, agent]));
  const left = new Map(agents.map(({ id, free }) => [id, free]));
  const answered = new Set(claimed.map(({ request }) => request));
  const wants = requests.flatMap((request) => {
    const { id } = request.ctx.actor;
    const agent = askers.get(id);
    const free = Math.max(0, left.get(id) ?? 0);
    if (!agent || free === 0 || answered.has(request)) return [];
    const takes = Math.min(request.max, free);
    left.set(id, free - takes);
    return [{ request, capabilities: agent.capabilities, left: takes }];
  });
  return { wants, claimed, askers };
}
