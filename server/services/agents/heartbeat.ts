import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { gathererFor, settled } from "../gather.ts";
import { id } from "../inputs.ts";
import type { RunRow } from "../runs/end-runs.ts";
import { type Lease, lease, refusalOf } from "../runs/fencing.ts";
import { acknowledge, type Command, commandsFor } from "./commands.ts";

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

/** A sign of life: extends the leases it names and brings back what people want of the agent's runs. */
export async function heartbeat(ctx: AgentCtx, input: z.output<typeof heartbeatInput>): Promise<Heartbeat> {
  ctx.presence.note(ctx.actor.id, input.version);
  if (input.ack.length > 0) await acknowledge(ctx, input.ack);
  const { serverTime, leases } = await renewNow(ctx.db, { ctx, runs: input.runs });
  const commands = await commandsFor(ctx, leases);
  return { serverTime, leases, commands };
}

interface RenewRequest {
  ctx: AgentCtx;
  runs: Lease[];
}

const renewNow = gathererFor(async (requests: RenewRequest[]) => {
  const [first] = requests;
  if (!first) return [];
  const { serverTime, runs } = await renewIn(first.ctx.db, requests, first.ctx.config.leaseSeconds);
  return requests.map(({ ctx, runs: leases }) =>
    settled({ serverTime, leases: leases.map((one) => stateOf(runs.get(one.runId), ctx, one)) }),
  );
});

/**
 * Extends every lease that holds, in one statement for all agents, so that each has at least two thirds of its length
 * left; one that has more costs no write. A run that is being written to at this moment is left as it is (SKIP LOCKED):
 * whoever ends it has the word, and a heartbeat never waits behind a transaction.
 */
async function renewIn(db: Connection, requests: RenewRequest[], leaseSeconds: number) {
  const asked = requests.flatMap(({ ctx, runs }) =>
    runs.map((one) => ({ run_id: one.runId, token: one.leaseToken, agent_id: ctx.actor.id })),
  );
  if (asked.length > 0) {
    await db.query(
      `update task_runs r set lease_expires_at = now() + make_interval(secs => $2::double precision)
       from (
         select r.id from task_runs r
         join json_to_recordset($1::json) as c(run_id uuid, token uuid, agent_id uuid) on c.run_id = r.id
         where r.ended_at is null and r.lease_token = c.token and r.agent_id = c.agent_id
           and r.lease_expires_at < now() + make_interval(secs => $2::double precision * 2 / 3)
         order by r.id for update of r skip locked
       ) held
       where r.id = held.id`,
      [JSON.stringify(asked), leaseSeconds],
    );
  }
  const rows = await db.query<object & { server_time: Date }>(
    `select n.server_time, r.* from (select now() as server_time) n
     left join task_runs r on r.id = any($1::uuid[])`,
    [asked.map((one) => one.run_id)],
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
