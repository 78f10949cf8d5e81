import { camelCased } from "../../db/rows.ts";
import type { agents } from "../../db/schema/index.ts";
import { recountAgents } from "../services/agents/recount.ts";
import { derivedStatus } from "../services/agents/status.ts";
import { asSystem, type Host } from "../services/context.ts";
import { mutate } from "../services/mutate.ts";

type AgentRow = typeof agents.$inferSelect;

const liveRuns = "(select count(*) from task_runs r where r.agent_id = a.id and r.ended_at is null)";

/** Any fixed number; one instance at a time writes the statuses. */
const statusLock = 7_142_002;

/**
 * Writes what was noted since the last time: signs of life, the records of agents whose runs have ended, and, where it
 * differs from what is stored, the derived status. An event goes out on a transition only.
 */
export async function watchAgents(host: Host): Promise<void> {
  await host.presence.flush(host.db);
  const finished = host.finished.take();
  if (finished.length > 0) await recountAgents(host.db, finished);

  await mutate(asSystem(host, "agent-status"), async (tx, record) => {
    record.nothing();
    const [lock] = await tx.query<{ taken: boolean }>(`select pg_try_advisory_xact_lock(${statusLock}) as taken`);
    if (!lock?.taken) return;
    const rows = await tx.query<object & { was: AgentRow["status"] }>(
      `update agents a set status = d.status, updated_at = now(), revision = a.revision + 1
       from (
         select a.id, a.status as was, ${derivedStatus("$1", liveRuns)} as status
         from agents a where a.archived_at is null
       ) d
       where a.id = d.id and a.status <> d.status
       returning a.*, d.was`,
      [host.config.agentOfflineSeconds],
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
