import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { logLevels, runOutcomes } from "../enums.ts";
import { bytes, createdAt, id, oneOf, revision, time } from "./columns.ts";
import { tasks } from "./tasks.ts";

/**
 * One attempt at a task by one agent. Live while `endedAt` is null; the lease token fences every write. Task and agent are locked by
 * the statement that makes it and never deleted, so a foreign key would only look them up again (decision 0011).
 */
export const taskRuns = pgTable(
  "task_runs",
  {
    id: id(),
    taskId: uuid().notNull(),
    agentId: uuid().notNull(),
    attempt: integer().notNull(),
    leaseToken: uuid().notNull(),
    leaseExpiresAt: time().notNull(),
    claimedAt: createdAt(),
    /** When the time limit strikes, moved on by every wait for a person; null without a limit. */
    deadlineAt: time(),
    waitedSeconds: integer().notNull().default(0),
    cancelRequestedAt: time(),
    cancelReason: text(),
    endedAt: time(),
    /** When its agent was told to stop a run that was ended without it. */
    stopDeliveredAt: time(),
    outcome: text({ enum: runOutcomes }),
    error: text(),
    summary: text(),
    logCount: integer().notNull().default(0),
    /** The key of the claim that started it, so that a repeated claim finds its runs. */
    claimKey: text(),
    revision: revision(),
  },
  (t) => [
    uniqueIndex("task_runs_live_key").on(t.taskId).where(sql`${t.endedAt} is null`),
    index("idx_task_runs_lease").on(t.leaseExpiresAt).where(sql`${t.endedAt} is null`),
    index("idx_task_runs_live_agent").on(t.agentId).where(sql`${t.endedAt} is null`),
    index("idx_task_runs_task_id").on(t.taskId, t.attempt),
    index("idx_task_runs_agent_id").on(t.agentId, t.id),
    index("idx_task_runs_ended_at").on(t.endedAt, t.agentId, t.outcome).where(sql`${t.endedAt} is not null`),
    oneOf("task_runs_outcome_check", t.outcome, runOutcomes),
  ],
);

export const runLogs = pgTable(
  "run_logs",
  {
    runId: uuid()
      .notNull()
      .references(() => taskRuns.id, { onDelete: "cascade" }),
    seq: integer().notNull(),
    level: text({ enum: logLevels }).notNull(),
    text: text().notNull(),
    at: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.seq] }), oneOf("run_logs_level_check", t.level, logLevels)],
);

export const artifacts = pgTable(
  "artifacts",
  {
    id: id(),
    runId: uuid()
      .notNull()
      .references(() => taskRuns.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    name: text().notNull(),
    mime: text().notNull(),
    size: integer().notNull().default(0),
    /** SHA-256 of the content, hex; null for a URL. */
    sha256: text(),
    content: bytes(),
    url: text(),
    /** Handed in after the run had ended: kept as evidence, never the result. */
    late: boolean().notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [index("idx_artifacts_task_id").on(t.taskId), index("idx_artifacts_run_id").on(t.runId)],
);
