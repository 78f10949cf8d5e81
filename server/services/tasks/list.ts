import { z } from "zod";
import { taskStatuses } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { flag, optional, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import type { Where } from "../where.ts";
import { cardColumns, cardJoins, type TaskCard, toCard } from "./card.ts";
import { taskFilters, whereTasks } from "./filter.ts";

/** The key that each order sorts by before the id, and its direction. */
const sorts = {
  newest: { key: "t.number", type: "int", direction: "desc" },
  updated: { key: "t.updated_at", type: "timestamptz", direction: "desc" },
  due: { key: "coalesce(t.due_date, date '9999-12-31')", type: "date", direction: "asc" },
  priority: { key: "array_position(array['high', 'medium', 'low'], t.priority)", type: "int", direction: "asc" },
} as const;
const sortNames = ["newest", "updated", "due", "priority"] as const satisfies (keyof typeof sorts)[];

export const listTasksInput = z
  .object({
    ...taskFilters,
    status: optional(z.union([z.enum(taskStatuses), z.array(z.enum(taskStatuses)).max(5)])),
    sort: z.enum(sortNames).default("newest"),
    /** The bin instead of what is there. */
    deleted: flag,
    ...page,
  })
  .prefault({});

/** Tasks of every status, without their long fields. */
export async function listTasks(ctx: Ctx, input: z.output<typeof listTasksInput>): Promise<Page<TaskCard>> {
  const where = whereTasks(input, input);
  if (input.status) where.on([input.status].flat(), "t.status = any($::text[])");
  const sort = sorts[input.sort];
  if (input.cursor) startAfter(where, input.cursor, sort);
  const rows = await ctx.db.query<{ sort_key: string }>(
    `select ${cardColumns}, (${sort.key})::text as sort_key
     from tasks t join workflows w on w.id = t.workflow_id ${cardJoins}
     where ${where.sql} order by ${sort.key} ${sort.direction}, t.id ${sort.direction} limit ${input.limit + 1}`,
    where.params,
  );
  const keyed = rows.map(({ sort_key, ...columns }) => ({ key: sort_key, card: toCard(columns) }));
  return pageOf(keyed, input.limit, { toItem: ({ card }) => card, placeOf: ({ key, card }) => [key, card.id] });
}

function startAfter(where: Where, cursor: string, sort: (typeof sorts)[keyof typeof sorts]): void {
  const [key, id] = decodeCursor(cursor, 2);
  const comparison = sort.direction === "asc" ? ">" : "<";
  const place = `(${where.param(key)}::text::${sort.type}, ${where.param(id)}::uuid)`;
  where.add(`(${sort.key}, t.id) ${comparison} ${place}`);
}
