import { z } from "zod";
import { taskStatuses } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { flag, optional, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import type { Where } from "../where.ts";
import { cardColumns, cardJoins, type TaskCard, toCard } from "./card.ts";
import { taskFilters, whereTasks } from "./filter.ts";
import { type Lane, lanesOf, type Sort, sorts } from "./lanes.ts";

const sortNames = ["newest", "updated", "due", "priority"] as const satisfies Sort[];

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
  const { type, direction } = sorts[input.sort];
  const beyond = input.cursor ? conditionBeyond(where, input.cursor, sorts[input.sort]) : () => "true";
  const statuses = input.status && [...new Set([input.status].flat())];
  const parts = lanesOf(input.sort, input, statuses).map(({ only, by }) => {
    const key = "column" in by ? by.column : `'${by.value}'::${type}`;
    const order = "column" in by ? `${key} ${direction}, t.number ${direction}` : `t.number ${direction}`;
    return `(select t.*, ${key} as sort_key from tasks t join workflows w on w.id = t.workflow_id
      where ${where.sql} and ${only} and ${beyond(by)} order by ${order} limit ${input.limit + 1})`;
  });
  if (parts.length === 0) return { items: [], nextCursor: null };
  const rows = await ctx.db.queryAnew<{ sort_key: string }>(
    `select ${cardColumns}, t.sort_key::text
     from (${parts.join(" union all ")}) t join workflows w on w.id = t.workflow_id ${cardJoins}
     order by t.sort_key ${direction}, t.number ${direction} limit ${input.limit + 1}`,
    where.params,
  );
  const keyed = rows.map(({ sort_key, ...columns }) => ({ key: sort_key, card: toCard(columns) }));
  return pageOf(keyed, input.limit, { toItem: ({ card }) => card, placeOf: ({ key, card }) => [key, card.number] });
}

/** What of a lane comes after the cursor; a lane that shares one key is before it, behind it, or goes by number alone. */
function conditionBeyond(where: Where, cursor: string, { type, direction }: (typeof sorts)[Sort]) {
  const [keyText, number] = decodeCursor(cursor, 2);
  const key = type === "int" ? Number(keyText) : String(keyText);
  const sign = direction === "asc" ? ">" : "<";
  return (by: Lane["by"]): string => {
    const beyondNumber = () => `${where.param(number)}::int`;
    if ("column" in by) {
      return `(${by.column}, t.number) ${sign} (${where.param(String(key))}::text::${type}, ${beyondNumber()})`;
    }
    if (by.value === key) return `t.number ${sign} ${beyondNumber()}`;
    return by.value > key === (direction === "asc") ? "true" : "false";
  };
}
