import { eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { z } from "zod";
import { camelCased } from "../../../db/rows.ts";
import { comments } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { Forbidden, NotFound } from "../errors.ts";
import { id } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import type { CommentRow } from "./comment-row.ts";
import { commentText, refuseViewers } from "./create.ts";
import { recordComment } from "./record-comment.ts";
import { placeOf } from "./target.ts";

export const commentId = z.object({ id });
export const updateCommentInput = z.object({ id, text: commentText });

/** Changes the text of one's own comment. */
export function updateComment(ctx: Ctx, { id, text }: z.output<typeof updateCommentInput>): Promise<CommentRow> {
  return change(ctx, id, {
    action: "edited",
    event: "comment_update",
    fieldsFor(comment) {
      if (!isAuthor(ctx, comment)) throw new Forbidden(`Only ${comment.authorName} can edit this comment.`);
      // The agent that works on the task should see the new words too.
      return text === comment.text ? null : { text, editedAt: sql`now()`, deliveredAt: null, seenAt: null };
    },
  });
}

/** Empties one's own comment, or as an admin anybody's. A trace stays: who said something here, and when. */
export function removeComment(ctx: Ctx, { id }: z.output<typeof commentId>): Promise<CommentRow> {
  return change(ctx, id, {
    action: "deleted",
    event: "comment_deleted",
    fieldsFor(comment) {
      const isAdmin = ctx.actor.type === "person" && ctx.actor.role === "admin";
      if (!isAuthor(ctx, comment) && !isAdmin) {
        throw new Forbidden(`Only ${comment.authorName} or an admin can remove this comment.`);
      }
      return { text: "", deletedAt: sql`now()` };
    },
  });
}

/** Marks a comment as settled, or as open again. */
export function toggleResolved(ctx: Ctx, { id }: z.output<typeof commentId>): Promise<CommentRow> {
  return change(ctx, id, {
    action: (comment) => (comment.resolvedAt ? "reopened" : "resolved"),
    event: "comment_update",
    fieldsFor: (comment) =>
      comment.resolvedAt
        ? { resolvedAt: null, resolvedByName: null }
        : { resolvedAt: sql`now()`, resolvedByName: ctx.actor.name },
  });
}

interface CommentChange {
  action: string | ((before: CommentRow) => string);
  event: "comment_update" | "comment_deleted";
  /** The fields to write; null when there is nothing to change. */
  fieldsFor(before: CommentRow): PgUpdateSetSource<typeof comments> | null;
}

async function change(ctx: Ctx, id: string, { action, event, fieldsFor }: CommentChange): Promise<CommentRow> {
  refuseViewers(ctx);
  return mutate(ctx, async (tx, record) => {
    const [row] = await tx.query<object>("select * from comments where id = $1 for update", [id]);
    const before = row && camelCased<CommentRow>(row);
    if (!before || before.deletedAt) throw new NotFound("comment");
    const fields = fieldsFor(before);
    if (!fields) {
      record.nothing();
      return before;
    }
    const [comment] = await tx.orm
      .update(comments)
      .set({ ...fields, revision: sql`${comments.revision} + 1` })
      .where(eq(comments.id, id))
      .returning();
    if (!comment) throw new Error("A locked comment is there to be changed");
    const verb = typeof action === "string" ? action : action(before);
    recordComment(record, { comment, before, place: await placeOf(tx, before), action: verb, event });
    return comment;
  });
}

const isAuthor = ({ actor }: Ctx, comment: CommentRow) =>
  comment.authorType === actor.type && comment.authorId === actor.id;
