import { z } from "zod";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { id, optional, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { Where } from "../where.ts";
import type { CommentRow } from "./comment-row.ts";
import { exactlyOneTarget } from "./target.ts";

export const listCommentsInput = exactlyOneTarget(
  z.object({ taskId: optional(id), workflowId: optional(id), suggestionId: optional(id), ...page }),
);

/** The comments on one thing, oldest first; removed ones stay as a trace without text. */
export async function listComments(ctx: Ctx, input: z.output<typeof listCommentsInput>): Promise<Page<CommentRow>> {
  const where = new Where()
    .on(input.taskId, "task_id = $")
    .on(input.workflowId, "workflow_id = $")
    .on(input.suggestionId, "suggestion_id = $");
  if (input.cursor) where.add(`id > ${where.param(decodeCursor(input.cursor, 1)[0])}::uuid`);
  const rows = await ctx.db.query<object>(
    `select * from comments where ${where.sql} order by id limit ${input.limit + 1}`,
    where.params,
  );
  return pageOf(
    rows.map((row) => camelCased<CommentRow>(row)),
    input.limit,
    {
      toItem: (row) => row,
      placeOf: (row) => [row.id],
    },
  );
}
