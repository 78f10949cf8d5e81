import { sql } from "drizzle-orm";
import { type AnyPgColumn, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { actorTypes } from "../enums.ts";
import { checkThat, createdAt, id, oneOf, revision, time } from "./columns.ts";
import { suggestions } from "./suggestions.ts";
import { tasks } from "./tasks.ts";
import { workflows } from "./workflows.ts";

export const comments = pgTable(
  "comments",
  {
    id: id(),
    taskId: uuid().references(() => tasks.id, { onDelete: "cascade" }),
    workflowId: uuid().references(() => workflows.id, { onDelete: "cascade" }),
    suggestionId: uuid().references(() => suggestions.id, { onDelete: "cascade" }),
    parentId: uuid().references((): AnyPgColumn => comments.id, { onDelete: "cascade" }),
    authorType: text({ enum: actorTypes }).notNull(),
    authorId: uuid(),
    authorName: text().notNull(),
    /** Markdown; emptied when removed. */
    text: text().notNull(),
    editedAt: time(),
    resolvedAt: time(),
    resolvedByName: text(),
    /** When the agent that works on the task was first handed it, as it reads now. */
    deliveredAt: time(),
    /** When that agent had acknowledged it. */
    seenAt: time(),
    createdAt: createdAt(),
    revision: revision(),
    deletedAt: time(),
  },
  (t) => [
    index("idx_comments_task_id").on(t.taskId, t.id),
    index("idx_comments_workflow_id").on(t.workflowId, t.id),
    index("idx_comments_suggestion_id").on(t.suggestionId, t.id),
    oneOf("comments_author_type_check", t.authorType, actorTypes),
    checkThat("comments_target_check", sql`num_nonnulls(${t.taskId}, ${t.workflowId}, ${t.suggestionId}) = 1`),
  ],
);
