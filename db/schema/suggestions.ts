import { sql } from "drizzle-orm";
import { doublePrecision, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { actorTypes, type Priority, suggestionStatuses, type TaskStatus } from "../enums.ts";
import { agents } from "./agents.ts";
import { checkThat, createdAt, id, oneOf, revision, time, updatedAt } from "./columns.ts";
import { taskRuns } from "./runs.ts";
import { tasks } from "./tasks.ts";
import { workflows } from "./workflows.ts";

/** What the server does when the suggestion is approved; without one the agent is told and acts itself. */
export type SuggestionEffect =
  | { kind: "set_status"; status: Exclude<TaskStatus, "in_progress"> }
  | { kind: "set_priority"; priority: Priority }
  | { kind: "assign"; agentId: string | null }
  | {
      kind: "add_task";
      name: string;
      description?: string | undefined;
      priority?: Priority | undefined;
      requiredCapabilities?: string[] | undefined;
    }
  | { kind: "retry" };

export const suggestions = pgTable(
  "suggestions",
  {
    id: id(),
    workflowId: uuid()
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    agentId: uuid()
      .notNull()
      .references(() => agents.id, { onDelete: "restrict" }),
    runId: uuid().references(() => taskRuns.id, { onDelete: "set null" }),
    action: text().notNull(),
    reasoning: text(),
    /** Stated by the agent, 0 to 1; null when it did not say. */
    confidence: doublePrecision(),
    effect: jsonb().$type<SuggestionEffect>(),
    /** The effect as the deciding person edited it. */
    effectEdited: jsonb().$type<SuggestionEffect>(),
    status: text({ enum: suggestionStatuses }).notNull().default("pending"),
    /** The task's revision when the suggestion was made. */
    taskRevision: integer().notNull(),
    expiresAt: time(),
    decidedAt: time(),
    decidedByType: text({ enum: actorTypes }),
    decidedById: uuid(),
    decidedByName: text(),
    decisionNote: text(),
    /** "Approved" and "applied" are two facts. */
    appliedAt: time(),
    applyError: text(),
    /** When the agent was first handed the decision. */
    deliveredAt: time(),
    /** When it had acknowledged it. */
    seenAt: time(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    revision: revision(),
  },
  (t) => [
    index("idx_suggestions_task_id").on(t.taskId),
    index("idx_suggestions_status").on(t.status, t.id),
    index("idx_suggestions_agent_id").on(t.agentId, t.action, t.decidedByType, t.status),
    index("idx_suggestions_workflow_id").on(t.workflowId, t.id),
    index("idx_suggestions_unseen").on(t.agentId, t.id).where(sql`${t.decidedAt} is not null and ${t.seenAt} is null`),
    oneOf("suggestions_status_check", t.status, suggestionStatuses),
    checkThat("suggestions_confidence_check", sql`${t.confidence} between 0 and 1`),
  ],
);
