import type { Host } from "../services/context.ts";
import { type Place, placeOfTask } from "../services/tasks/claim-order.ts";

/** Waiting this long counts as much as one step of priority. */
const minutesPerRank = 15;

/** So many at a time, the oldest first: what waits for longest sinks to the front even where far more tasks wait. */
const batch = 1000;

/** Within the column's range, and further than anything waits. */
const lowest = -30_000;

const aged = `greatest(${lowest}, (case priority when 'high' then 0 when 'medium' then 1 else 2 end)
  - floor(extract(epoch from now() - created_at) / (${minutesPerRank} * 60)))`;

/**
 * Lets tasks rise in the queue with the time they have waited: below the rank of any new task in the end, so that none
 * starves behind a stream of tasks that have a higher priority, or a due date where it has none.
 */
export async function ageQueue(host: Host): Promise<void> {
  const risen = await host.db.query<Place>(
    `update tasks set queue_rank = old.rank
     from (
       select id, ${aged} as rank from tasks
       where status = 'pending' and ready and queue_rank > ${aged}
       order by created_at, id limit ${batch} for no key update skip locked
     ) old
     where tasks.id = old.id
     returning ${placeOfTask}`,
  );
  for (const place of risen) host.floors.include(place);
}
