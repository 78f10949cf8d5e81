import type { Connection } from "../../../db/client.ts";

/**
 * Counts the agents' records anew from their runs: how many ended by the agent's doing, how many of those in failure, and
 * succeeded ÷ (succeeded + failed + timed out + lost). Cancelled and released runs count nowhere; the rate is null without runs.
 */
export async function recountAgents(db: Connection, agentIds: string[]): Promise<void> {
  await db.query(
    `update agents a
     set total_tasks = r.total, failed_tasks = r.total - r.succeeded,
       success_rate = r.succeeded::double precision / nullif(r.total, 0)
     from (
       select a.id, count(r.id)::int as total, count(r.id) filter (where r.outcome = 'succeeded')::int as succeeded
       from agents a left join task_runs r on r.agent_id = a.id
         and r.outcome in ('succeeded', 'failed', 'timed_out', 'lost')
       where a.id = any($1::uuid[]) group by a.id
     ) r
     where a.id = r.id and (a.total_tasks, a.failed_tasks) is distinct from (r.total, r.total - r.succeeded)`,
    [agentIds],
  );
}
