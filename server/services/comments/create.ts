import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { comments } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { Forbidden, Invalid } from "../errors.ts";
import { idempotent } from "../idempotency.ts";
import { id, idempotencyKey, optional, text } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import type { CommentRow } from "./comment-row.ts";
import { recordComment } from "./record-comment.ts";
import { exactlyOneTarget, placeOf, type Target } from "./target.ts";

export const commentText = text(20_000).min(1, "Write something first.");

export const createCommentInput = exactlyOneTarget(
  z.object({
    taskId: optional(id),
    workflowId: optional(id),
    suggestionId: optional(id),
    /** Markdown. */
    text: commentText,
    /** The comment that it answers, on the same thing. */
    parentId: optional(id),
    idempotencyKey: optional(idempotencyKey),
  }),
);

/** People comment on anything, agents on tasks. */
export async function createComment(ctx: Ctx, input: z.output<typeof createCommentInput>): Promise<CommentRow> {
  refuseViewers(ctx);
  if (ctx.actor.type === "agent" && !input.taskId) {
    throw new Forbidden("An agent comments on tasks only. Name a taskId.");
  }
  return mutate(
    ctx,
    async (tx, record) => {
      const place = await placeOf(tx, input);
      if (input.parentId) await refuseElsewhere(tx, input.parentId, input);
      const { idempotencyKey: _, ...values } = input;
      const [comment] = await tx.orm
        .insert(comments)
        .values({ ...values, authorType: ctx.actor.type, authorId: ctx.actor.id, authorName: ctx.actor.name })
        .returning();
      if (!comment) throw new Error("An insert answers with its row");
      recordComment(record, { comment, before: null, place, action: "created", event: "comment_added" });
      return comment;
    },
    idempotent(ctx, "comments.create", input),
  );
}

export function refuseViewers({ actor }: Ctx): void {
  if (actor.type === "person" && actor.role === "viewer") {
    throw new Forbidden("Viewers read only. Ask an admin for the role operator to comment.");
  }
}

async function refuseElsewhere(tx: Connection, parentId: string, target: Target): Promise<void> {
  const [parent] = await tx.query(
    `select 1 from comments where id = $1 and task_id is not distinct from $2::uuid
       and workflow_id is not distinct from $3::uuid and suggestion_id is not distinct from $4::uuid`,
    [parentId, target.taskId ?? null, target.workflowId ?? null, target.suggestionId ?? null],
  );
  if (!parent) throw new Invalid({ parentId: ["The comment that this answers is not on the same page. Reload it."] });
}
