import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { actorTypes, entityTypes } from "../enums.ts";
import { createdAt, oneOf } from "./columns.ts";

/** Field → its value before and after; only fields that changed. */
export type AuditChanges = Record<string, { before?: unknown; after?: unknown }>;

/** Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. No foreign keys, so it outlives what it speaks of. */
export const auditLogs = pgTable(
  "audit_logs",
  {
    seq: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    entityType: text({ enum: entityTypes }).notNull(),
    entityId: uuid(),
    /** The entity's revision that the change made. */
    revision: integer().notNull(),
    /** The entity's name at the time: T-142 Read licences. */
    entityLabel: text(),
    workflowId: uuid(),
    taskId: uuid(),
    action: text().notNull(),
    actorType: text({ enum: actorTypes }).notNull(),
    actorId: uuid(),
    actorName: text().notNull(),
    changes: jsonb().$type<AuditChanges>().notNull(),
    reason: text(),
    requestId: text(),
    createdAt: createdAt(),
  },
  (t) => [
    index("idx_audit_logs_entity").on(t.entityType, t.entityId, t.seq),
    // A task's own lines are found by entity, so that the most frequent lines are not in this one.
    index("idx_audit_logs_task_id").on(t.taskId, t.seq).where(sql`${t.entityType} <> 'task'`),
    index("idx_audit_logs_workflow_id").on(t.workflowId, t.seq),
    index("idx_audit_logs_actor").on(t.actorId, t.seq),
    // The frequent actions are met soon enough on the way through the log.
    index("idx_audit_logs_action")
      .on(t.action, t.seq)
      .where(sql`${t.action} not in ('created', 'claimed', 'completed')`),
    oneOf("audit_logs_actor_type_check", t.actorType, actorTypes),
    oneOf("audit_logs_entity_type_check", t.entityType, entityTypes),
  ],
);

/** The hash chain over the audit log: each seal covers the rows after the one before it. */
export const auditSeals = pgTable(
  "audit_seals",
  {
    throughSeq: bigint({ mode: "number" }).primaryKey(),
    rows: bigint({ mode: "number" }).notNull(),
    /** SHA-256 over the seal before and the rows, hex. */
    hash: text().notNull(),
    createdAt: createdAt(),
  },
  (t) => [index("idx_audit_seals_created_at").on(t.createdAt)],
);
