import type { Connection } from "../../../db/client.ts";
import type { ClaimRequest } from "./claim.ts";
import { bottom, inRange, type QueueKey, queueOrder, top } from "./claim-floor.ts";

/** How much a request may take, and what its agent can do. */
export interface Want {
  request: ClaimRequest;
  capabilities: string[];
  left: number;
}

/** Agents that can do the same, and ask for the same. */
export function byKind(wants: Want[]): Want[][] {
  const groups = new Map<string, Want[]>();
  for (const want of wants) groups.set(kindOf(want), [...(groups.get(kindOf(want)) ?? []), want]);
  return [...groups.values()];
}

const kindOf = ({ capabilities, request }: Want) => JSON.stringify([capabilities.toSorted(), request.workflowId]);

/** Takes the next tasks for agents that can do the same, and deals them out. */
export async function pick(tx: Connection, wants: Want[], taken: Pick[]): Promise<Pick[]> {
  const [first] = wants;
  if (!first) return [];
  const { floors } = first.request.ctx;
  const kind = kindOf(first);
  const floor = floors.of(kind);
  const matching = matchingTasks(first, taken);
  const [rows] = await Promise.all([
    look(tx, wants, matching, { from: floor, below: top }),
    floors.raise(tx, kind, matching),
  ]);
  const picks = deal(rows, wants);
  const unserved = floor === bottom ? [] : wants.filter(({ left, request }) => left > 0 && !request.isPatient);
  if (unserved.length === 0) return picks;
  return [...picks, ...deal(await look(tx, unserved, matching, { from: bottom, below: floor }), unserved)];
}

/** What agents of this kind can do, whether or not it is free, apart from what was just taken. */
function matchingTasks({ capabilities, request: { workflowId } }: Want, taken: Pick[]) {
  const where = ["status = 'pending' and ready and required_capabilities <@ $1::text[]"];
  const params: unknown[] = [capabilities];
  if (workflowId) where.push(`workflow_id = $${params.push(workflowId)}`);
  if (taken.length > 0) where.push(`id <> all($${params.push(taken.map((one) => one.id))}::uuid[])`);
  return { where: where.join(" and "), params };
}

interface Free {
  id: string;
  agent_id: string | null;
  assigned_agent_id: string | null;
}

/** The first tasks of this part of the queue that are free for one of these agents. Locks them. */
function look(
  tx: Connection,
  wants: Want[],
  { where, params }: ReturnType<typeof matchingTasks>,
  { from, below }: { from: QueueKey; below: QueueKey },
): Promise<Free[]> {
  const next = params.length + 1;
  return tx.query<Free>(
    `select id, agent_id, assigned_agent_id from tasks
     where ${where} and ${inRange(next)} and (queue_after is null or queue_after <= now())
       and (assigned_agent_id is null or assigned_agent_id = any($${next + 6}::uuid[]))
     order by ${queueOrder} limit $${next + 7} for no key update skip locked`,
    [
      ...params,
      ...[from.rank, from.due, from.number, below.rank, below.due, below.number],
      wants.map((want) => want.request.ctx.actor.id),
      wants.reduce((sum, want) => sum + want.left, 0),
    ],
  );
}

export interface Pick {
  id: string;
  agentId: string | null;
  request: ClaimRequest;
}

/** To each want what it may still take; a task kept for one agent goes to that one. */
function deal(rows: Free[], wants: Want[]): Pick[] {
  return rows.flatMap((row) => {
    const want = wants.find(
      ({ left, request }) => left > 0 && (!row.assigned_agent_id || row.assigned_agent_id === request.ctx.actor.id),
    );
    if (!want) return [];
    want.left--;
    return [{ id: row.id, agentId: row.agent_id, request: want.request }];
  });
}
