import type { comments } from "../../../db/schema/index.ts";

/** A comment as stored, and as every comment event carries it. A removed one has no text. */
export type CommentRow = typeof comments.$inferSelect;
