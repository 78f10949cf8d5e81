import { sql } from "drizzle-orm";
import { doublePrecision, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { agentStatuses, desiredStates } from "../enums.ts";
import { checkThat, createdAt, createdBy, id, oneOf, revision, time, updatedAt } from "./columns.ts";

export const agents = pgTable(
  "agents",
  {
    id: id(),
    name: text().notNull(),
    description: text(),
    /** Derived: one writer, the worker that watches last-seen times and live runs. */
    status: text({ enum: agentStatuses }).notNull().default("offline"),
    desiredState: text({ enum: desiredStates }).notNull().default("active"),
    capabilities: text().array().notNull().default([]),
    version: text(),
    maxConcurrent: integer().notNull().default(1),
    /** Counted from the runs; success rate is succeeded ÷ (succeeded + failed + timed out + lost), null without runs. */
    successRate: doublePrecision(),
    totalTasks: integer().notNull().default(0),
    failedTasks: integer().notNull().default(0),
    lastSeen: time(),
    lastError: text(),
    lastErrorAt: time(),
    ...createdBy(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    revision: revision(),
    archivedAt: time(),
  },
  (t) => [
    uniqueIndex("agents_name_key").on(sql`lower(${t.name})`).where(sql`${t.archivedAt} is null`),
    index("idx_agents_status").on(t.status),
    oneOf("agents_status_check", t.status, agentStatuses),
    oneOf("agents_desired_state_check", t.desiredState, desiredStates),
    checkThat("agents_max_concurrent_check", sql`${t.maxConcurrent} between 1 and 1000`),
  ],
);

export const agentTokens = pgTable(
  "agent_tokens",
  {
    id: id(),
    agentId: uuid()
      .notNull()
      .references(() => agents.id, { onDelete: "cascade" }),
    /** The first characters, to tell tokens apart; the token itself is shown once and kept nowhere. */
    prefix: text().notNull(),
    /** SHA-256 of the token, hex. */
    hash: text().notNull(),
    expiresAt: time(),
    lastUsedAt: time(),
    revokedAt: time(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("agent_tokens_hash_key").on(t.hash), index("idx_agent_tokens_agent_id").on(t.agentId)],
);

/** What is counted of an agent's runs that ended up to `settings.tallied_through`; later ones are counted when asked for. */
export const agentTallies = pgTable("agent_tallies", {
  agentId: uuid()
    .primaryKey()
    .references(() => agents.id, { onDelete: "cascade" }),
  succeeded: integer().notNull(),
  /** Failed, timed out or lost. */
  failed: integer().notNull(),
});
