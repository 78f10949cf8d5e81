import { bigint, index, integer, json, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { actorTypes, channels } from "../enums.ts";
import { createdAt, oneOf, time } from "./columns.ts";

/** The log behind the live updates: written in the transaction of the change that it announces. */
export const events = pgTable(
  "events",
  {
    seq: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    type: text().notNull(),
    channel: text({ enum: channels }).notNull(),
    entityId: uuid().notNull(),
    workflowId: uuid(),
    taskId: uuid(),
    revision: integer().notNull(),
    actorType: text({ enum: actorTypes }).notNull(),
    actorId: uuid(),
    actorName: text().notNull(),
    at: createdAt(),
    /** The row as `byId` returns it, in superjson's form; kept as it was written, since nobody looks inside. */
    data: json().notNull(),
  },
  (t) => [oneOf("events_channel_check", t.channel, channels)],
);

/** One effect per key: the answer of the first call is kept beside a hash of its body. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    actor: text().notNull(),
    key: text().notNull(),
    requestHash: text().notNull(),
    response: jsonb(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.actor, t.key] }), index("idx_idempotency_keys_created_at").on(t.createdAt)],
);

/** Facts about this installation, such as the event log's epoch. */
export const settings = pgTable("settings", {
  key: text().primaryKey(),
  value: jsonb().$type<unknown>().notNull(),
  updatedAt: time().notNull().defaultNow(),
});
