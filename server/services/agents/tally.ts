import type { Connection, Database } from "../../../db/client.ts";
import { lockAgents } from "./find.ts";

/** Any fixed number; one instance at a time writes records and statuses. */
export const recordsLock = 7_142_002;

/**
 * Counts the agents' records from their runs: how many ended by the agent's doing, how many of those in failure, and
 * succeeded ÷ (succeeded + failed + timed out + lost). Cancelled and released runs count nowhere; the rate is null without
 * runs. What ended a while ago was counted once and is kept, so this reads the latest minutes of the runs and not all of them.
 */
export async function tallyRuns(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const [lock] = await tx.query<{ taken: boolean }>(`select pg_try_advisory_xact_lock(${recordsLock}) as taken`);
    if (lock?.taken) await tally(tx);
  });
}

/** The same from every run, whatever was kept. */
export async function retallyRuns(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${recordsLock})`);
    await tx.query("delete from agent_tallies");
    await tx.query("delete from settings where key = 'tallied_through'");
    await tally(tx);
  });
}

async function tally(tx: Connection): Promise<void> {
  await tx.query(keepStatement);
  const differing = await tx.query<{ id: string }>(
    `select a.id from agents a join (${counted}) n on n.id = a.id where ${differs}`,
  );
  if (differing.length === 0) return;
  const ids = differing.map(({ id }) => id);
  await lockAgents(tx, ids);
  await tx.query(
    `update agents a
     set total_tasks = n.succeeded + n.failed, failed_tasks = n.failed,
       success_rate = n.succeeded::double precision / nullif(n.succeeded + n.failed, 0)
     from (${counted}) n where a.id = n.id and a.id = any($1::uuid[]) and ${differs}`,
    [ids],
  );
}

const keptThrough = `coalesce(
  (select (value #>> '{}')::timestamptz from settings where key = 'tallied_through'), timestamptz '-infinity')`;

const endedRuns = (condition: string) => `
  select agent_id, count(*) filter (where outcome = 'succeeded')::int as succeeded,
    count(*) filter (where outcome <> 'succeeded')::int as failed
  from task_runs where outcome in ('succeeded', 'failed', 'timed_out', 'lost') and ${condition} group by agent_id`;

const counted = `
  select a.id, coalesce(kept.succeeded, 0) + coalesce(recent.succeeded, 0) as succeeded,
    coalesce(kept.failed, 0) + coalesce(recent.failed, 0) as failed
  from agents a left join agent_tallies kept on kept.agent_id = a.id
  left join (${endedRuns(`ended_at > ${keptThrough}`)}) recent on recent.agent_id = a.id`;

const differs = "(a.total_tasks, a.failed_tasks) is distinct from (n.succeeded + n.failed, n.failed)";

/**
 * Keeps what has ended a minute ago: a run's end is the beginning of its transaction, and none of ours lasts that long. Done
 * once in five minutes, so that two ticks seldom write the same rows.
 */
const keepStatement = `
with span as materialized (
  select ${keptThrough} as after, now() - interval '1 minute' as through
), kept as (
  insert into agent_tallies (agent_id, succeeded, failed)
  select ended.* from span cross join lateral (${endedRuns("ended_at > span.after and ended_at <= span.through")}) ended
  where span.after < now() - interval '5 minutes'
  on conflict (agent_id) do update
  set succeeded = agent_tallies.succeeded + excluded.succeeded, failed = agent_tallies.failed + excluded.failed
)
insert into settings (key, value) select 'tallied_through', to_jsonb(through) from span where after < now() - interval '5 minutes'
on conflict (key) do update set value = excluded.value, updated_at = now()`;
