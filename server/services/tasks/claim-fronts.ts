import type { Connection } from "../../../db/client.ts";
import { type Place, placeOfTask, queueOf, queueOrder } from "./claim-order.ts";

/** What an agent can do, whether or not it is free. */
export interface Matching {
  where: string;
  params: unknown[];
}

/** The first task of every queue that an agent of these capabilities can do something of. */
export const findFronts = (tx: Connection, capabilities: string[]): Promise<Place[]> =>
  tx.query<Place>(walkStatement, [capabilities]);

const firstFrom = (needs: string) => `
  select ${placeOfTask} from tasks where status = 'pending' and ready and ${queueOf} >= ${needs}
  order by ${queueOf}, ${queueOrder} limit 1`;

/**
 * A walk over the index from queue to queue. Behind one that the agent can do comes the next; from one that it cannot do it jumps to the
 * next that begins with what it can do. So it looks at as many as the agent's capabilities lead to, however many others there are.
 */
const walkStatement = `
with recursive walk as (
  (${firstFrom("'{}'::text[]")})
  union all
  select next.* from walk cross join lateral (
    select case when walk.needs <@ $1::text[] then walk.needs || ''::text else (
      select min(walk.needs[:i - 1] || can) from generate_subscripts(walk.needs, 1) i, unnest($1::text[]) can
      where can > walk.needs[i] and walk.needs[:i - 1] <@ $1::text[]
    ) end as needs
  ) jump cross join lateral (${firstFrom("jump.needs")}) next
)
select * from walk where needs <@ $1::text[]`;

/** Of each of these queues the first task from its place on, if there is one. */
export function firstOfEach(tx: Connection, places: Place[], { where, params }: Matching): Promise<Place[]> {
  return tx.query<Place>(
    `select first.* from json_to_recordset($${params.length + 1}::json) as p(needs text[], rank smallint, due date, number int)
     cross join lateral (
       select ${placeOfTask} from tasks
       where ${where} and ${queueOf} = p.needs and (${queueOrder}) >= (p.rank, p.due, p.number)
       order by ${queueOrder} limit 1
     ) first`,
    [...params, JSON.stringify(places)],
  );
}
