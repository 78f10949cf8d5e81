import { z } from "zod";
import { workflowStatuses } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { flag, optional, page, search } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { containing, Where } from "../where.ts";
import type { WorkflowRow } from "./roll-up.ts";

/** The key that each order sorts by before the id, and its direction. */
const sorts = {
  newest: { key: "w.number", type: "int", direction: "desc" },
  updated: { key: "w.updated_at", type: "timestamptz", direction: "desc" },
  name: { key: "lower(w.name)", type: "text", direction: "asc" },
  progress: { key: "coalesce(w.progress, -1)", type: "int", direction: "asc" },
} as const;
const sortNames = ["newest", "updated", "name", "progress"] as const satisfies (keyof typeof sorts)[];

export const listWorkflowsInput = z
  .object({
    status: optional(z.union([z.enum(workflowStatuses), z.array(z.enum(workflowStatuses)).max(6)])),
    search: optional(search),
    sort: z.enum(sortNames).default("newest"),
    /** The bin instead of what is there. */
    deleted: flag,
    ...page,
  })
  .prefault({});

/** A workflow as the list carries it; the description is shortened. */
export interface WorkflowListItem extends WorkflowRow {
  ownerName: string | null;
}

export async function listWorkflows(
  ctx: Ctx,
  input: z.output<typeof listWorkflowsInput>,
): Promise<Page<WorkflowListItem>> {
  const where = new Where().add(`w.deleted_at is ${input.deleted ? "not null" : "null"}`);
  if (input.status) where.on([input.status].flat(), "w.status = any($::text[])");
  if (input.search) addSearch(where, input.search);
  const sort = sorts[input.sort];
  if (input.cursor) {
    const [key, id] = decodeCursor(input.cursor, 2);
    const place = `(${where.param(String(key))}::text::${sort.type}, ${where.param(id)}::uuid)`;
    where.add(`(${sort.key}, w.id) ${sort.direction === "asc" ? ">" : "<"} ${place}`);
  }
  const rows = await ctx.db.query<{ sort_key: string }>(
    `select w.*, left(w.description, 300) as description, u.name as owner_name, (${sort.key})::text as sort_key
     from workflows w left join users u on u.id = w.owner_id
     where ${where.sql} order by ${sort.key} ${sort.direction}, w.id ${sort.direction} limit ${input.limit + 1}`,
    where.params,
  );
  const keyed = rows.map(({ sort_key, ...columns }) => ({
    key: sort_key,
    item: camelCased<WorkflowListItem>(columns),
  }));
  return pageOf(keyed, input.limit, { toItem: ({ item }) => item, placeOf: ({ key, item }) => [key, item.id] });
}

/** By words of the name or the description, or by number as people write it. */
function addSearch(where: Where, search: string): void {
  const pattern = where.param(containing(search));
  const number = /^(?:w-)?(\d{1,9})$/i.exec(search)?.[1];
  const byText = `w.name ilike ${pattern} or w.description ilike ${pattern}`;
  where.add(number ? `(${byText} or w.number = ${where.param(Number(number))})` : `(${byText})`);
}
