import { runOutcomes } from "../../db/enums.ts";
import { camelCased } from "../../db/rows.ts";
import type { agents } from "../../db/schema/index.ts";
import { lockAgents } from "../services/agents/find.ts";
import { derivedStatus } from "../services/agents/status.ts";
import { recordsLock, tallyRuns } from "../services/agents/tally.ts";
import { asSystem, type Host } from "../services/context.ts";
import { mutate } from "../services/mutate.ts";

type AgentRow = typeof agents.$inferSelect;

const liveRuns = "(select count(*) from task_runs r where r.agent_id = a.id and r.ended_at is null)";

/**
 * An agent that takes one short task after the other has a free hand for moments between them. It stays busy until its
 * hand has been free for this long, so that it does not change to and fro.
 */
const settledAfterSeconds = 5;

const hadRunJustNow = `exists (
  select 1 from task_runs r where r.agent_id = a.id
    and r.outcome in (${runOutcomes.map((outcome) => `'${outcome}'`).join(", ")})
    and r.ended_at > now() - make_interval(secs => ${settledAfterSeconds}))`;

/** The agents with the status that they have and the one that they should have. */
const derived = `
select a.id, a.status as was,
  case when a.status = 'busy' and s.status = 'online' and ${hadRunJustNow} then 'busy' else s.status end as status
from agents a cross join lateral (select ${derivedStatus("$1", liveRuns)} as status) s where a.archived_at is null`;

/**
 * Writes signs of life noted since the last time, the agents' records and, where it differs from what is stored, the derived
 * status. An event goes out on a transition only.
 */
export async function watchAgents(host: Host): Promise<void> {
  await host.presence.flush(host.db);
  await tallyRuns(host.db);
  await mutate(asSystem(host, "agent-status"), async (tx, record) => {
    record.nothing();
    const [lock] = await tx.query<{ taken: boolean }>(`select pg_try_advisory_xact_lock(${recordsLock}) as taken`);
    if (!lock?.taken) return;
    const { agentOfflineSeconds } = host.config;
    const differing = await tx.query<{ id: string }>(`select d.id from (${derived}) d where d.was <> d.status`, [
      agentOfflineSeconds,
    ]);
    if (differing.length === 0) return;
    const ids = differing.map(({ id }) => id);
    await lockAgents(tx, ids);
    const rows = await tx.query<object & { was: AgentRow["status"] }>(
      `update agents a set status = d.status, updated_at = now(), revision = a.revision + 1
       from (${derived} and a.id = any($2::uuid[])) d
       where a.id = d.id and a.status <> d.status
       returning a.*, d.was`,
      [agentOfflineSeconds, ids],
    );
    for (const { was, ...columns } of rows) {
      const agent = camelCased<AgentRow>(columns);
      record({
        event: "agent_status",
        entity: "agent",
        action: false,
        id: agent.id,
        revision: agent.revision,
        before: { status: was },
        after: agent,
        label: agent.name,
      });
    }
  });
}
