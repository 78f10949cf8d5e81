import { z } from "zod";
import type { Ctx } from "../context.ts";

const windows = {
  "1h": { step: "5 minutes", buckets: 12 },
  "24h": { step: "1 hour", buckets: 24 },
  "7d": { step: "6 hours", buckets: 28 },
} as const;
const windowNames = ["1h", "24h", "7d"] as const satisfies (keyof typeof windows)[];

export const seriesInput = z
  .object({ window: z.enum(windowNames, { error: "Choose 1h, 24h or 7d." }).default("24h") })
  .prefault({});

interface Bucket {
  /** The beginning of the bucket, on the clock (UTC); the last one is still filling. */
  at: Date;
  /** Tasks made in it. */
  created: number;
  /** Tasks that reached completed in it and still are. */
  completed: number;
  /** Tasks that failed for good in it and still are failed. */
  failed: number;
  /**
   * Median of the seconds between the moment a task could first be worked on (it was made and what it depends on was
   * completed) and its first claim, over first attempts claimed in this bucket; null without any.
   */
  medianQueueSeconds: number | null;
  /** Median seconds under the lease without waiting for people, of runs that succeeded or failed in it; null without any. */
  medianRunSeconds: number | null;
}

export interface Series {
  window: (typeof windowNames)[number];
  buckets: Bucket[];
}

/** What went through over time. Deleted tasks count too: the work was done. */
export async function readSeries(ctx: Ctx, { window }: z.output<typeof seriesInput>): Promise<Series> {
  const { step, buckets } = windows[window];
  const bin = (at: string) => `date_bin('${step}', ${at}, timestamptz '2000-01-01')`;
  const since = `${bin("now()")} - ${buckets - 1} * interval '${step}'`;
  const rows = await ctx.db.query<Bucket>(
    `with made as (
       select ${bin("created_at")} as at, count(*)::int as created from tasks where created_at >= ${since} and id >= ${idsSince(since)} group by 1
     ), ended as (
       select ${bin("completed_at")} as at, count(*) filter (where status = 'completed')::int as completed,
         count(*) filter (where status = 'failed')::int as failed
       from tasks where completed_at >= ${since} group by 1
     ), queued as (
       select ${bin("r.claimed_at")} as at,
         percentile_cont(0.5) within group (order by greatest(0, extract(epoch from r.claimed_at - greatest(t.created_at, (
           select max(p.completed_at) from task_dependencies d join tasks p on p.id = d.depends_on_id
           where d.task_id = t.id))))) as median
       from task_runs r join tasks t on t.id = r.task_id where r.claimed_at >= ${since} and r.id >= ${idsSince(since)} and r.attempt = 1
       group by 1
     ), ran as (
       select ${bin("ended_at")} as at, percentile_cont(0.5) within group (
         order by greatest(0, extract(epoch from ended_at - claimed_at) - waited_seconds)) as median
       from task_runs where ended_at >= ${since} and outcome in ('succeeded', 'failed') group by 1
     )
     select b.at, coalesce(max(m.created), 0) as created, coalesce(max(m.completed), 0) as completed,
       coalesce(max(m.failed), 0) as failed, max(m.queued) as "medianQueueSeconds", max(m.ran) as "medianRunSeconds"
     from generate_series(${since}, now(), interval '${step}') as b(at)
     left join (
       select at, created, null::int as completed, null::int as failed, null::double precision as queued,
         null::double precision as ran from made
       union all select at, null, completed, failed, null, null from ended
       union all select at, null, null, null, median, null from queued
       union all select at, null, null, null, null, median from ran
     ) m using (at)
     group by b.at order by b.at`,
  );
  return { window, buckets: rows };
}

/**
 * The lowest id of what was made since a moment: ids are UUIDv7 and begin with the milliseconds of their making, by a
 * server's clock, which may be a day off. It spares an index that every claim and completion would write to.
 */
const idsSince = (
  since: string,
) => `(lpad(to_hex((extract(epoch from ${since} - interval '1 day') * 1000)::bigint), 12, '0')
  || repeat('0', 20))::uuid`;
