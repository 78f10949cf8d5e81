import { sql } from "drizzle-orm";
import {
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { priorities, taskStatuses } from "../enums.ts";
import { agents } from "./agents.ts";
import { byteText, checkThat, createdAt, createdBy, id, oneOf, revision, time, updatedAt } from "./columns.ts";
import { users } from "./users.ts";
import { workflows } from "./workflows.ts";

export const tasks = pgTable(
  "tasks",
  {
    id: id(),
    /** Shown as T-142; never reused. */
    number: integer().notNull().generatedAlwaysAsIdentity(),
    workflowId: uuid()
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    name: text().notNull(),
    description: text(),
    status: text({ enum: taskStatuses }).notNull().default("pending"),
    priority: text({ enum: priorities }).notNull().default("medium"),
    /** Where claims look: the rank of the priority, lowered by one for each long wait so that nothing starves. */
    queueRank: smallint().notNull().default(1),
    dueDate: date({ mode: "string" }),
    labels: text().array().notNull().default([]),
    requiredCapabilities: text().array().notNull().default([]),
    /** Fractional key of the place in its column. */
    position: byteText().notNull(),
    input: jsonb().$type<unknown>(),
    result: jsonb().$type<unknown>(),
    summary: text(),

    /** The agent that holds it (or held it last); a wish is `assignedAgentId`. Without a foreign key: see decision 0011. */
    agentId: uuid(),
    assignedAgentId: uuid().references(() => agents.id, { onDelete: "set null" }),
    /** The person who took it by hand. */
    takenById: uuid().references(() => users.id, { onDelete: "set null" }),
    currentRunId: uuid(),
    progress: integer().notNull().default(0),
    progressNote: text(),

    /** May be claimed: its workflow runs and all that it depends on is completed. Kept, not computed per claim. */
    ready: boolean().notNull().default(true),
    unmetDependencies: integer().notNull().default(0),
    /** Suggestions that wait for a person. */
    pendingSuggestions: integer().notNull().default(0),
    /** Not before this moment (back-off after a lost or failed run); null means at once. */
    queueAfter: time(),
    attempt: integer().notNull().default(0),
    maxAttempts: integer().notNull().default(3),
    timeoutSeconds: integer(),
    /** How long it may wait, claimable, until an agent takes it; null for as long as it takes. */
    queueTtlSeconds: integer(),
    /** When that wait is over. It holds while the task is pending and ready, and is set anew whenever it becomes so. */
    queueExpiresAt: time(),
    failureReason: text(),

    /** Run time: seconds under leases that have ended, without waiting for people. */
    durationSeconds: integer().notNull().default(0),
    ...createdBy(),
    createdAt: createdAt(),
    startedAt: time(),
    completedAt: time(),
    updatedAt: updatedAt(),
    revision: revision(),
    deletedAt: time(),
  },
  (t) => [
    uniqueIndex("tasks_number_key").on(t.number),
    // Partial wherever most tasks can stay out: a claim and a completion write to every index that their task is in.
    index("idx_tasks_workflow_id").on(t.workflowId, t.status, t.position).where(sql`${t.deletedAt} is null`),
    index("idx_tasks_agent_id").on(t.agentId, t.status).where(sql`${t.agentId} is not null`),
    index("idx_tasks_assigned_agent_id").on(t.assignedAgentId).where(sql`${t.assignedAgentId} is not null`),
    index("idx_tasks_status").on(t.status, t.position, t.id),
    // What a task needs comes first, so that an agent finds what it can do without a look at anything else.
    index("idx_tasks_claim")
      .on(sql`(${t.requiredCapabilities}[1:16])`, t.queueRank, sql`coalesce(${t.dueDate}, 'infinity'::date)`, t.number)
      .where(sql`${t.status} = 'pending' and ${t.ready}`),
    index("idx_tasks_priority").on(t.status, t.priority, t.number),
    index("idx_tasks_updated_at").on(t.status, t.updatedAt, t.number),
    index("idx_tasks_due_date").on(t.status, t.dueDate, t.number).where(sql`${t.dueDate} is not null`),
    index("idx_tasks_labels").using("gin", t.labels).where(sql`cardinality(${t.labels}) > 0`),
    index("idx_tasks_completed_at").on(t.completedAt).where(sql`${t.completedAt} is not null`),
    index("idx_tasks_deleted").on(t.updatedAt).where(sql`${t.deletedAt} is not null`),
    // What is open is found by its status; words are looked up among what is finished.
    index("idx_tasks_finished_name")
      .using("gin", t.name.op("gin_trgm_ops"))
      .where(sql`${t.status} not in ('pending', 'in_progress')`),
    index("idx_tasks_queue_expires_at")
      .on(t.queueExpiresAt)
      .where(sql`${t.status} = 'pending' and ${t.ready} and ${t.queueExpiresAt} is not null`),
    oneOf("tasks_status_check", t.status, taskStatuses),
    oneOf("tasks_priority_check", t.priority, priorities),
    checkThat("tasks_progress_check", sql`${t.progress} between 0 and 100`),
    checkThat("tasks_max_attempts_check", sql`${t.maxAttempts} between 1 and 100`),
  ],
);

export const taskDependencies = pgTable(
  "task_dependencies",
  {
    taskId: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    dependsOnId: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
  },
  (t) => [
    primaryKey({ columns: [t.taskId, t.dependsOnId] }),
    index("idx_task_dependencies_depends_on_id").on(t.dependsOnId),
    checkThat("task_dependencies_self_check", sql`${t.taskId} <> ${t.dependsOnId}`),
  ],
);
