import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { Conflict, NotFound } from "../errors.ts";
import type { AgentRow } from "./agent-row.ts";

/** The agent with its row locked until the transaction ends; one that is archived can no longer be changed. */
export async function lockAgent(tx: Connection, id: string): Promise<AgentRow> {
  const [row] = await tx.query<object>("select * from agents where id = $1 for no key update", [id]);
  if (!row) throw new NotFound("agent");
  const agent = camelCased<AgentRow>(row);
  if (agent.archivedAt) {
    throw new Conflict("terminal", `${agent.name} is archived. Create a new agent instead.`, {
      archivedAt: agent.archivedAt,
    });
  }
  return agent;
}

/**
 * Locks the agents' rows until the transaction ends, in the order of their ids, as all who lock several must: two that
 * lock in different orders wait for each other until the database notices, a second later.
 */
export async function lockAgents(tx: Connection, ids: string[]): Promise<void> {
  await tx.query("select id from agents where id = any($1::uuid[]) order by id for no key update", [ids]);
}
