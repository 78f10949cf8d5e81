import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { gathererFor, settled } from "../gather.ts";
import { id } from "../inputs.ts";
import type { RunRow } from "../runs/end-runs.ts";
import { type Lease, lease, refusalOf } from "../runs/fencing.ts";
import { type Command, commandsFor } from "./commands.ts";
import { noteReceipt } from "./receipts.ts";
import { extend } from "./renewals.ts";

export const heartbeatInput = z.strictObject({
  runs: z.array(z.strictObject(lease)).max(1000).default([]),
  version: z.string().trim().max(100).optional(),
  /** What the work has cost so far, as the agent counts it; kept out of the record for now. */
  usage: z.record(z.string(), z.number()).optional(),
  /** Commands of earlier answers that the agent has taken in; they are not sent again. */
  ack: z.array(id).max(1000).default([]),
});

export interface LeaseState {
  runId: string;
  ok: boolean;
  expiresAt?: Date;
  /** Why the lease is gone: lease_expired, other_holder, terminal or not_found. */
  reason?: string;
}

export interface Heartbeat {
  serverTime: Date;
  leases: LeaseState[];
  commands: Command[];
}

/**
 * A sign of life: extends the leases it names and brings back what people want of the agent's runs. A lease that has more
 * than two thirds of its length left is left alone, one that has more than a third is extended within a second, together
 * with everybody else's (`renewals.ts`), and one that has less is extended before the answer. It works over the
 * reserved connections and writes nothing but leases and, behind the answer, receipts: overload elsewhere must not end
 * the leases of agents that are well.
 */
export async function heartbeat(ctx: AgentCtx, input: z.output<typeof heartbeatInput>): Promise<Heartbeat> {
  ctx.presence.note(ctx.actor.id, input.version);
  const { serverTime, leases, untold } = await renewNow(ctx.db.reserved, { ctx, runs: input.runs });
  const { commands, fresh } = await commandsFor(ctx, leases, input.ack);
  noteReceipt(ctx, { ...fresh, stopped: untold, seen: input.ack });
  return { serverTime, leases, commands };
}

interface RenewRequest {
  ctx: AgentCtx;
  runs: Lease[];
}

const renewNow = gathererFor(async (requests: RenewRequest[]) => {
  const [first] = requests;
  if (!first) return [];
  const { db, renewals, config } = first.ctx;
  let { serverTime, runs } = await runsOf(db.reserved, requests);
  const secondsLeft = (run: RunRow) => (run.leaseExpiresAt.getTime() - serverTime.getTime()) / 1000;
  const held = requests.flatMap(({ ctx, runs: asked }) =>
    asked.flatMap((one) => {
      const run = runs.get(one.runId);
      return run && !refusalOf(run, ctx.actor.id, one.leaseToken) ? [{ run, ...one, agentId: ctx.actor.id }] : [];
    }),
  );
  const urgent: typeof held = [];
  for (const renewal of held) {
    const left = secondsLeft(renewal.run);
    if (left < config.leaseSeconds / 3) urgent.push(renewal);
    else if (left < (config.leaseSeconds * 2) / 3) renewals.note(renewal);
  }
  if (urgent.length > 0) {
    await extend(db.reserved, urgent, config.leaseSeconds);
    ({ serverTime, runs } = await runsOf(db.reserved, requests));
  }
  return requests.map(({ ctx, runs: asked }) => {
    const leases = asked.map((one) => stateOf(runs.get(one.runId), ctx, one));
    const untold = leases.filter(({ ok, runId }) => !ok && isUntold(runs.get(runId), ctx)).map(({ runId }) => runId);
    return settled({ serverTime, leases, untold });
  });
});

/** The named runs as they are now, and the time of the database. */
async function runsOf(db: Connection, requests: RenewRequest[]) {
  const rows = await db.query<object & { server_time: Date }>(
    `select n.server_time, r.* from (select now() as server_time) n
     left join task_runs r on r.id = any($1::uuid[])`,
    [requests.flatMap(({ runs }) => runs.map(({ runId }) => runId))],
  );
  const runs = rows.map((row) => camelCased<RunRow>(row));
  return {
    serverTime: rows[0]?.server_time ?? new Date(),
    runs: new Map(runs.filter((run) => run.id !== null).map((run) => [run.id, run])),
  };
}

function stateOf(run: RunRow | undefined, ctx: AgentCtx, { runId, leaseToken }: Lease): LeaseState {
  const refusal = refusalOf(run, ctx.actor.id, leaseToken);
  if (refusal) return { runId, ok: false, reason: refusal instanceof Conflict ? refusal.reason : "not_found" };
  return { runId, ok: true, ...(run && { expiresAt: run.leaseExpiresAt }) };
}

const stoppedFromOutside: (string | null)[] = ["cancelled", "lost", "timed_out"];

/** Its own run was ended without it, and this is how it hears of it. */
const isUntold = (run: RunRow | undefined, ctx: AgentCtx) =>
  run?.agentId === ctx.actor.id && stoppedFromOutside.includes(run.outcome) && run.stopDeliveredAt === null;
