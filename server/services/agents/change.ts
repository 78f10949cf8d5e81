import { eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Connection } from "../../../db/client.ts";
import { agents } from "../../../db/schema/index.ts";
import { Conflict } from "../errors.ts";
import type { Recorder } from "../mutate.ts";
import type { AgentRow } from "./agent-row.ts";

/** Writes these fields to an agent whose row is locked, and records it. */
export async function changeAgent(
  tx: Connection,
  record: Recorder,
  before: AgentRow,
  change: { action: string; fields: PgUpdateSetSource<typeof agents>; reason?: string | undefined },
): Promise<AgentRow> {
  const [after] = await tx.orm
    .update(agents)
    .set({ ...change.fields, updatedAt: sql`now()`, revision: sql`${agents.revision} + 1` })
    .where(eq(agents.id, before.id))
    .returning();
  if (!after) throw new Error("A locked agent is there to be changed");
  recordAgent(record, { agent: after, before, action: change.action, reason: change.reason });
  return after;
}

export function recordAgent(
  record: Recorder,
  change: {
    agent: AgentRow;
    before: AgentRow | null;
    action: string;
    event?: "agent_created" | "agent_update";
    reason?: string | undefined;
    /** What the audit log should know beside the row. */
    also?: { before?: object; after: object };
  },
): void {
  const { agent, before, also } = change;
  record({
    event: change.event ?? "agent_update",
    entity: "agent",
    action: change.action,
    id: agent.id,
    revision: agent.revision,
    before: before && { ...before, ...also?.before },
    after: { ...agent, ...also?.after },
    data: agent,
    label: agent.name,
    reason: change.reason,
  });
}

/** Refuses a name that another agent has, whatever its case. */
export async function refuseTakenName(tx: Connection, name: string, exceptId: string | null = null): Promise<void> {
  const [other] = await tx.query(
    "select 1 from agents where lower(name) = lower($1) and archived_at is null and id is distinct from $2::uuid",
    [name, exceptId],
  );
  if (other) throw nameTaken(name);
}

export const nameTaken = (name: string) =>
  new Conflict("name_taken", `There is already an agent called ${name}. Choose another name.`, { name });
