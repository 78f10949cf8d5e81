import type { Host } from "../services/context.ts";

/** A task that has waited this long is looked at one rank earlier, and after twice as long two. */
const minutesPerRank = 15;

/** Lets low priorities rise in the queue with the time they have waited, so that they never starve. */
export async function ageQueue(host: Host): Promise<void> {
  await host.db.query(
    `update tasks set queue_rank = queue_rank - 1
     where id in (
       select id from tasks
       where status = 'pending' and ready and queue_rank > 0
         and created_at < now() - make_interval(mins => ${minutesPerRank} * (
           1 + (case priority when 'high' then 0 when 'medium' then 1 else 2 end) - queue_rank))
       order by id limit 1000 for update skip locked
     )`,
  );
}
