import { z } from "zod";
import { type RunOutcome, runOutcomes } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { id, optional } from "../inputs.ts";
import { Where } from "../where.ts";

export const agentMetricsInput = z.object({ id: optional(id) }).prefault({});

/** What one agent, or all together, did in the last 7 days (UTC days, today included). */
export interface AgentMetrics {
  /** Runs by how they ended, in the window. */
  outcomes: Record<RunOutcome, number>;
  /** Runs that count for the rate: succeeded + failed + timed out + lost. */
  n: number;
  /** succeeded ÷ n; null without runs. */
  successRate: number | null;
  /** Median seconds under the lease without waiting for people, of runs that succeeded; null without any. */
  medianRunSeconds: number | null;
  /** The window's seven days, oldest first. */
  days: { day: string; succeeded: number; failed: number }[];
  /** Of all decisions by people on suggestions that stated a confidence, by tenths; tenths without any are left out. */
  calibration: { from: number; to: number; n: number; approved: number }[];
}

const counted = "r.outcome in ('failed', 'timed_out', 'lost')";

export async function readAgentMetrics(ctx: Ctx, input: z.output<typeof agentMetricsInput>): Promise<AgentMetrics> {
  const [days, totals, calibration] = await Promise.all([
    readDays(ctx, input.id),
    readTotals(ctx, input.id),
    readCalibration(ctx, input.id),
  ]);
  const n = totals.succeeded + totals.failed + totals.timed_out + totals.lost;
  const outcomes = Object.fromEntries(runOutcomes.map((outcome) => [outcome, totals[outcome]]));
  return {
    // Object.fromEntries forgets the keys that it was given.
    outcomes: outcomes as Record<RunOutcome, number>,
    n,
    successRate: n === 0 ? null : totals.succeeded / n,
    medianRunSeconds: totals.median,
    days,
    calibration,
  };
}

const since = "(date_trunc('day', now() at time zone 'UTC') - interval '6 days') at time zone 'UTC'";

async function readTotals(ctx: Ctx, agentId: string | undefined) {
  const where = new Where().add(`r.ended_at >= ${since}`).on(agentId, "r.agent_id = $");
  const [row] = await ctx.db.query<Record<RunOutcome, number> & { median: number | null }>(
    `select ${runOutcomes.map((outcome) => `count(*) filter (where r.outcome = '${outcome}')::int as ${outcome}`).join(", ")},
       percentile_cont(0.5) within group (
         order by greatest(0, extract(epoch from r.ended_at - r.claimed_at) - r.waited_seconds)
       ) filter (where r.outcome = 'succeeded')::double precision as median
     from task_runs r where ${where.sql}`,
    where.params,
  );
  if (!row) throw new Error("An aggregate answers with one row");
  return row;
}

function readDays(ctx: Ctx, agentId: string | undefined): Promise<AgentMetrics["days"]> {
  const where = new Where().on(agentId, "r.agent_id = $");
  return ctx.db.query(
    `select to_char(d.day, 'YYYY-MM-DD') as day, count(r.id) filter (where r.outcome = 'succeeded')::int as succeeded,
       count(r.id) filter (where ${counted})::int as failed
     from generate_series(0, 6) as i(n)
     cross join lateral (select date_trunc('day', now() at time zone 'UTC') - (6 - i.n) * interval '1 day' as day) d
     left join task_runs r on r.ended_at >= d.day at time zone 'UTC'
       and r.ended_at < (d.day + interval '1 day') at time zone 'UTC' and ${where.sql}
     group by d.day order by d.day`,
    where.params,
  );
}

function readCalibration(ctx: Ctx, agentId: string | undefined): Promise<AgentMetrics["calibration"]> {
  const where = new Where()
    .add(
      "confidence is not null and decided_by_type = 'person' and status in ('approved', 'rejected', 'changes_requested')",
    )
    .on(agentId, "agent_id = $");
  return ctx.db.query(
    `select tenth / 10.0::double precision as "from", (tenth + 1) / 10.0::double precision as "to", count(*)::int as n,
       count(*) filter (where status = 'approved')::int as approved
     from (select least(9, floor(confidence * 10 + 1e-9)) as tenth, status from suggestions where ${where.sql}) s
     group by tenth order by tenth`,
    where.params,
  );
}
