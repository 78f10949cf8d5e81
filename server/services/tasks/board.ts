import { z } from "zod";
import {
  type BoardStatus,
  boardStatuses,
  type TaskStatus,
  taskStatuses,
  type WorkflowStatus,
} from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { cursor } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { cardColumns, cardJoins, toCard } from "./card.ts";
import { type BoardCard, withReasons } from "./card-reason.ts";
import { statusesOf, type TaskFilters, taskFilters, whereTasks } from "./filter.ts";

const perColumn = z.coerce.number().int().min(1).max(200).default(25);

export const boardInput = z.object({ ...taskFilters, limit: perColumn }).prefault({});
export const columnInput = z.object({
  ...taskFilters,
  status: z.enum(taskStatuses),
  cursor: cursor.nullish(),
  limit: perColumn,
});

/** How many tasks match; counting stops at a cap, and beyond it there is only "more than that". */
export interface Counted {
  count: number;
  isCapped: boolean;
}

export type BoardColumn = Page<BoardCard> & Counted;

export interface Board {
  columns: Record<BoardStatus, BoardColumn>;
  /** How many cancelled tasks the filters match; `column` shows them. */
  cancelled: Counted;
  /** For the filters and the pickers. */
  agents: { id: string; name: string }[];
  workflows: { id: string; number: number; name: string; status: WorkflowStatus }[];
}

/** The four columns from their top, with what the page around them needs: six statements whatever the number of tasks. */
export async function readBoard(ctx: Ctx, input: z.output<typeof boardInput>): Promise<Board> {
  const [cards, counts, agents, workflows] = await Promise.all([
    topCards(ctx, input),
    countByStatus(ctx, input, taskStatuses),
    ctx.db.query<Board["agents"][number]>(
      "select id, name from agents where archived_at is null order by lower(name), id limit 500",
    ),
    ctx.db.query<Board["workflows"][number]>(
      "select id, number, name, status from workflows where deleted_at is null order by id desc limit 500",
    ),
  ]);
  const columnOf = (status: BoardStatus): BoardColumn => ({
    ...toPage(
      cards.filter((card) => card.status === status),
      input.limit,
    ),
    ...(counts.get(status) ?? none),
  });
  return {
    columns: {
      pending: columnOf("pending"),
      in_progress: columnOf("in_progress"),
      completed: columnOf("completed"),
      failed: columnOf("failed"),
    },
    cancelled: counts.get("cancelled") ?? none,
    agents,
    workflows,
  };
}

/** More cards of one column, after the cursor that the board or the page before gave. */
export async function readColumn(ctx: Ctx, input: z.output<typeof columnInput>): Promise<BoardColumn> {
  if (statusesOf(input, [input.status]).length === 0) return { items: [], nextCursor: null, ...none };
  const where = whereTasks(input).add(`t.status = '${input.status}'`);
  if (input.cursor) {
    const [position, id] = decodeCursor(input.cursor, 2);
    where.add(`(t.position, t.id) > (${where.param(position)}, ${where.param(id)}::uuid)`);
  }
  const [rows, counts] = await Promise.all([
    ctx.db.queryAnew<object>(
      `select ${cardColumns} from tasks t join workflows w on w.id = t.workflow_id ${cardJoins}
       where ${where.sql} order by t.position, t.id limit ${input.limit + 1}`,
      where.params,
    ),
    countByStatus(ctx, input, [input.status]),
  ]);
  const cards = await withReasons(ctx.db, rows.map(toCard));
  return { ...toPage(cards, input.limit), ...(counts.get(input.status) ?? none) };
}

/** The first cards of each column and one more; every column is its own walk along the index, then all are joined. */
async function topCards(ctx: Ctx, input: z.output<typeof boardInput>): Promise<BoardCard[]> {
  const where = whereTasks(input);
  const windows = statusesOf(input, boardStatuses).map(
    (status) => `(select t.* from tasks t join workflows w on w.id = t.workflow_id
      where t.status = '${status}' and ${where.sql} order by t.position, t.id limit ${input.limit + 1})`,
  );
  const rows = await ctx.db.queryAnew<object>(
    `select ${cardColumns} from (${windows.join(" union all ")}) t
     join workflows w on w.id = t.workflow_id ${cardJoins} order by t.position, t.id`,
    where.params,
  );
  return withReasons(ctx.db, rows.map(toCard));
}

/** Each status by itself and in the order of its cards, no further than the cap. */
async function countByStatus(
  ctx: Ctx,
  filters: TaskFilters,
  statuses: readonly TaskStatus[],
): Promise<Map<TaskStatus, Counted>> {
  const where = whereTasks(filters);
  const cap = countCap(filters);
  const counts = statusesOf(filters, statuses).map(
    (status) => `select '${status}' as status, count(*)::int as count from (
      select 1 from tasks t join workflows w on w.id = t.workflow_id
      where t.status = '${status}' and ${where.sql} order by t.position, t.id limit ${cap + 1}) counted`,
  );
  const rows = await ctx.db.queryAnew<{ status: TaskStatus; count: number }>(counts.join(" union all "), where.params);
  return new Map(rows.map((row) => [row.status, { count: Math.min(row.count, cap), isCapped: row.count > cap }]));
}

/** A filter costs a look at every task that it passes over, so with one the count does not go as far. */
function countCap({ agentId, priority, label, due, search }: TaskFilters): number {
  return agentId || priority || label || due || search ? 1_000 : 10_000;
}

const none: Counted = { count: 0, isCapped: false };

const toPage = (cards: BoardCard[], limit: number) =>
  pageOf(cards, limit, { toItem: (card) => card, placeOf: (card) => [card.position, card.id] });
