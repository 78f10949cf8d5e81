import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { failurePolicies, type TaskStatus, workflowStatuses } from "../enums.ts";
import { checkThat, createdAt, createdBy, id, oneOf, revision, time, updatedAt } from "./columns.ts";
import { users } from "./users.ts";

export const workflows = pgTable(
  "workflows",
  {
    id: id(),
    /** Shown as W-7; never reused. */
    number: integer().notNull().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    description: text(),
    status: text({ enum: workflowStatuses }).notNull().default("running"),
    failurePolicy: text({ enum: failurePolicies }).notNull().default("continue"),
    ownerId: uuid().references(() => users.id, { onDelete: "set null" }),
    /** Rolled up from the tasks by one writer; whole percent, null while there are no tasks. */
    progress: integer(),
    taskCounts: jsonb().$type<Record<TaskStatus, number>>().notNull().default({
      pending: 0,
      in_progress: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
    }),
    failedReason: text(),
    startedAt: time(),
    completedAt: time(),
    pausedAt: time(),
    pausedByName: text(),
    ...createdBy(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    revision: revision(),
    deletedAt: time(),
  },
  (t) => [
    uniqueIndex("workflows_number_key").on(t.number),
    index("idx_workflows_status").on(t.status, t.id),
    index("idx_workflows_updated_at").on(t.updatedAt, t.id),
    index("idx_workflows_name").on(sql`lower(${t.name})`, t.id),
    index("idx_workflows_progress").on(sql`coalesce(${t.progress}, -1)`, t.id),
    oneOf("workflows_status_check", t.status, workflowStatuses),
    oneOf("workflows_failure_policy_check", t.failurePolicy, failurePolicies),
    checkThat("workflows_progress_check", sql`${t.progress} between 0 and 100`),
  ],
);
