import { listComments, listCommentsInput } from "../../services/comments/list.ts";
import { forMembers, router } from "../trpc.ts";

export const commentsRouter = router({
  list: forMembers.input(listCommentsInput).query(({ ctx, input }) => listComments(ctx, input)),
});
