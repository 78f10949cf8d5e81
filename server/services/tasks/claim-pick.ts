import type { Connection } from "../../../db/client.ts";
import type { ClaimRequest } from "./claim.ts";
import { findFronts, type Matching } from "./claim-fronts.ts";
import { type Free, look, type Stretch } from "./claim-look.ts";
import { isBelow, nameOf, top } from "./claim-order.ts";

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
  const remembered = floors.of(kind);
  const floor = remembered ?? (await floors.learn(tx, kind, first.capabilities));
  const matching = matchingTasks(first);
  const [picks] = await Promise.all([
    take(tx, { wants, taken, matching, stretches: floor.map((place) => ({ ...place, below: top })) }),
    floors.raise(tx, kind, matching),
  ]);
  const unserved = remembered ? wants.filter(({ left, request }) => left > 0 && !request.isPatient) : [];
  if (unserved.length === 0) return picks;
  const floorOf = new Map(floor.map((place) => [nameOf(place.needs), place]));
  const fronts = await findFronts(tx, first.capabilities);
  const stretches = fronts.map((front) => ({ ...front, below: floorOf.get(nameOf(front.needs)) ?? top }));
  return [...picks, ...(await take(tx, { wants: unserved, taken: [...taken, ...picks], matching, stretches }))];
}

/** What agents of this kind can do, whether or not it is free. */
function matchingTasks({ capabilities, request: { workflowId } }: Want): Matching {
  const where = "status = 'pending' and ready and required_capabilities <@ $1::text[]";
  return workflowId
    ? { where: `${where} and workflow_id = $2`, params: [capabilities, workflowId] }
    : { where, params: [capabilities] };
}

interface Taking {
  wants: Want[];
  taken: Pick[];
  matching: Matching;
  stretches: Stretch[];
}

async function take(tx: Connection, { wants, taken, matching, stretches }: Taking): Promise<Pick[]> {
  const rows = await look(tx, {
    stretches: stretches.filter((stretch) => isBelow(stretch, stretch.below)),
    matching: taken.length > 0 ? without(taken, matching) : matching,
    agentIds: wants.map((want) => want.request.ctx.actor.id),
    atMost: wants.reduce((sum, want) => sum + want.left, 0),
  });
  return deal(rows, wants);
}

const without = (taken: Pick[], { where, params }: Matching): Matching => ({
  where: `${where} and id <> all($${params.length + 1}::uuid[])`,
  params: [...params, taken.map(({ id }) => id)],
});

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
