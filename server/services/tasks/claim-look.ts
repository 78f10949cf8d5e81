import type { Connection } from "../../../db/client.ts";
import type { Matching } from "./claim-fronts.ts";
import { type Place, type QueueKey, queueOf, queueOrder } from "./claim-order.ts";

/** A part of one queue: from its place on, up to another. */
export interface Stretch extends Place {
  below: QueueKey;
}

export interface Free {
  id: string;
  agent_id: string | null;
  assigned_agent_id: string | null;
}

interface Look {
  stretches: Stretch[];
  matching: Matching;
  agentIds: string[];
  atMost: number;
}

/** The first tasks of these parts of the queues that are free for one of these agents, in the order of claims. Locks them. */
export async function look(tx: Connection, { stretches, ...wanted }: Look): Promise<Free[]> {
  const [first, ...others] = stretches;
  if (!first) return [];
  return others.length === 0
    ? lookInto(tx, first, wanted)
    : lookAcross(tx, stretches, { ...wanted, seenAtMost: wanted.atMost + spare });
}

type Wanted = Omit<Look, "stretches">;

/** SQL: free for one of the agents of the parameter with this number. */
const isFree = (agentIds: number) =>
  `(queue_after is null or queue_after <= now()) and (assigned_agent_id is null or assigned_agent_id = any($${agentIds}::uuid[]))`;

function lookInto(
  tx: Connection,
  { below, ...from }: Stretch,
  { matching, agentIds, atMost }: Wanted,
): Promise<Free[]> {
  const next = matching.params.length + 1;
  const key = (at: number) => `$${at}::smallint, $${at + 1}::date, $${at + 2}::int`;
  return tx.query<Free>(
    `select id, agent_id, assigned_agent_id from tasks
     where ${matching.where} and ${queueOf} = $${next}::text[]
       and (${queueOrder}) >= (${key(next + 1)}) and (${queueOrder}) < (${key(next + 4)}) and ${isFree(next + 7)}
     order by ${queueOrder} limit $${next + 8} for no key update skip locked`,
    [
      ...matching.params,
      ...[from.needs, from.rank, from.due, from.number, below.rank, below.due, below.number],
      agentIds,
      atMost,
    ],
  );
}

/** So many more than are wanted are looked at in each queue, in place of those that others have locked. */
const spare = 8;

/**
 * Finds the first of all queues together without locking any, and then locks in this order no more than are wanted: what is locked and not
 * taken would be passed over by others, who would then wait for news of it. `revision` is that of a task that nobody has
 * changed meanwhile, and no index has it.
 */
async function lookAcross(
  tx: Connection,
  stretches: Stretch[],
  { seenAtMost, ...wanted }: Wanted & { seenAtMost: number },
): Promise<Free[]> {
  const { matching, agentIds, atMost } = wanted;
  const next = matching.params.length + 1;
  const rows = await tx.query<Free & { seen: number }>(
    `with seen as materialized (
       select t.* from json_to_recordset($${next}::json) as s(needs text[], rank smallint, due date, number int, below json)
       cross join lateral (
         select id, revision, queue_rank as rank, coalesce(due_date, 'infinity'::date) as due, number from tasks
         where ${matching.where} and ${queueOf} = s.needs and (${queueOrder}) >= (s.rank, s.due, s.number)
           and (${queueOrder}) < ((s.below->>'rank')::smallint, (s.below->>'due')::date, (s.below->>'number')::int)
           and ${isFree(next + 1)}
         order by ${queueOrder} limit $${next + 2}
       ) t
       order by rank, due, number limit $${next + 2}
     ), locked as materialized (
       select t.*, seen.rank, seen.due, seen.number from seen cross join lateral (
         select id, agent_id, assigned_agent_id from tasks
         where id = seen.id and revision = seen.revision for no key update skip locked
       ) t limit $${next + 3}
     )
     select (select count(*)::int from seen) as seen, locked.* from (select) one left join locked on true
     order by rank, due, number`,
    [...matching.params, JSON.stringify(stretches), agentIds, seenAtMost, atMost],
  );
  const free = rows.filter(({ id }) => id);
  const mayBeMore = free.length < atMost && rows[0]?.seen === seenAtMost;
  // Its own locks do not keep it from finding the same again.
  return mayBeMore ? lookAcross(tx, stretches, { ...wanted, seenAtMost: seenAtMost * 10 }) : free;
}
