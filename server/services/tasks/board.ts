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
import { cardColumns, cardJoins, type TaskCard, toCard } from "./card.ts";
import { type TaskFilters, taskFilters, whereTasks } from "./filter.ts";

const perColumn = z.coerce.number().int().min(1).max(200).default(25);

export const boardInput = z.object({ ...taskFilters, limit: perColumn }).prefault({});
export const columnInput = z.object({
  ...taskFilters,
  status: z.enum(taskStatuses),
  cursor: cursor.nullish(),
  limit: perColumn,
});

export type BoardColumn = Page<TaskCard> & { count: number };

export interface Board {
  columns: Record<BoardStatus, BoardColumn>;
  /** How many cancelled tasks the filters match; `column` shows them. */
  cancelled: number;
  /** For the filters and the pickers. */
  agents: { id: string; name: string }[];
  workflows: { id: string; number: number; name: string; status: WorkflowStatus }[];
}

/** The four columns from their top, with what the page around them needs: four statements whatever the number of tasks. */
export async function readBoard(ctx: Ctx, input: z.output<typeof boardInput>): Promise<Board> {
  const [cards, counts, agents, workflows] = await Promise.all([
    topCards(ctx, input),
    countByStatus(ctx, input),
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
    count: counts.get(status) ?? 0,
  });
  return {
    columns: {
      pending: columnOf("pending"),
      in_progress: columnOf("in_progress"),
      completed: columnOf("completed"),
      failed: columnOf("failed"),
    },
    cancelled: counts.get("cancelled") ?? 0,
    agents,
    workflows,
  };
}

/** More cards of one column, after the cursor that the board or the page before gave. */
export async function readColumn(ctx: Ctx, input: z.output<typeof columnInput>): Promise<BoardColumn> {
  const where = whereTasks(input).on(input.status, "t.status = $");
  if (input.cursor) {
    const [position, id] = decodeCursor(input.cursor, 2);
    where.add(`(t.position, t.id) > (${where.param(position)}, ${where.param(id)}::uuid)`);
  }
  const [rows, counts] = await Promise.all([
    ctx.db.query<object>(
      `select ${cardColumns} from tasks t join workflows w on w.id = t.workflow_id ${cardJoins}
       where ${where.sql} order by t.position, t.id limit ${input.limit + 1}`,
      where.params,
    ),
    countByStatus(ctx, input, input.status),
  ]);
  return { ...toPage(rows.map(toCard), input.limit), count: counts.get(input.status) ?? 0 };
}

/** The first cards of each column and one more; every column is its own walk along the index, then all are joined. */
async function topCards(ctx: Ctx, input: z.output<typeof boardInput>): Promise<TaskCard[]> {
  const where = whereTasks(input);
  const windows = boardStatuses.map(
    (status) => `(select t.* from tasks t join workflows w on w.id = t.workflow_id
      where t.status = '${status}' and ${where.sql} order by t.position, t.id limit ${input.limit + 1})`,
  );
  const rows = await ctx.db.query<object>(
    `select ${cardColumns} from (${windows.join(" union all ")}) t
     join workflows w on w.id = t.workflow_id ${cardJoins} order by t.position, t.id`,
    where.params,
  );
  return rows.map(toCard);
}

async function countByStatus(ctx: Ctx, filters: TaskFilters, status?: TaskStatus): Promise<Map<TaskStatus, number>> {
  const where = whereTasks(filters).on(status, "t.status = $");
  const rows = await ctx.db.query<{ status: TaskStatus; count: number }>(
    `select t.status, count(*)::int as count from tasks t join workflows w on w.id = t.workflow_id
     where ${where.sql} group by t.status`,
    where.params,
  );
  return new Map(rows.map((row) => [row.status, row.count]));
}

const toPage = (cards: TaskCard[], limit: number) =>
  pageOf(cards, limit, { toItem: (card) => card, placeOf: (card) => [card.position, card.id] });
