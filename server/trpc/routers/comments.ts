import {
  commentId,
  removeComment,
  toggleResolved,
  updateComment,
  updateCommentInput,
} from "../../services/comments/change.ts";
import { createComment, createCommentInput } from "../../services/comments/create.ts";
import { listComments, listCommentsInput } from "../../services/comments/list.ts";
import { forMembers, forOperators, router } from "../trpc.ts";

/** Agents comment too, as themselves; the services refuse viewers. */
export const commentsRouter = router({
  list: forMembers.input(listCommentsInput).query(({ ctx, input }) => listComments(ctx, input)),
  create: forMembers.input(createCommentInput).mutation(({ ctx, input }) => createComment(ctx, input)),
  update: forMembers.input(updateCommentInput).mutation(({ ctx, input }) => updateComment(ctx, input)),
  remove: forMembers.input(commentId).mutation(({ ctx, input }) => removeComment(ctx, input)),
  resolve: forOperators.input(commentId).mutation(({ ctx, input }) => toggleResolved(ctx, input)),
});
