import { type BoardStatus, boardStatuses, type TaskStatus } from "../../db/enums.ts";
import type { TaskRow } from "../../server/services/tasks/task-row.ts";
import type { Board, TaskCardRow } from "./api-types.ts";
import { isOverdue } from "./format.ts";
import { type Patch, patchRows } from "./live-store.ts";
import { isReasonKept, reasonOfRow } from "./waiting.ts";

export interface ShownColumn {
  status: BoardStatus;
  cards: TaskCardRow[];
  count: number;
  /** There are more than that. */
  isCapped: boolean;
  nextCursor: string | null;
}

export interface BoardFilters {
  workflowId?: string | undefined;
  agentId?: string | undefined;
  priority?: string | undefined;
  label?: string | undefined;
  due?: string | undefined;
  search?: string | undefined;
}

/** A move that is on its way to the server. */
export interface PendingMove {
  id: string;
  status: TaskStatus;
  afterId?: string | undefined;
  beforeId?: string | undefined;
}

/** The board as it stands now: the loader's windows, what the stream said since, and moves not answered yet. */
export function boardNow(
  board: Board,
  { patches, moves, filters, now }: { patches: Patch[]; moves: PendingMove[]; filters: BoardFilters; now: number },
): ShownColumn[] {
  const loaded = boardStatuses.flatMap((status) => board.columns[status].items);
  const cards = patchRows(loaded, patches, {
    belongs: (card) => matches(card, filters, now),
    toRow(data, known) {
      const card = cardOf(data as TaskRow, known, board);
      if (!card) return;
      return { ...card, reason: known && isReasonKept(known, card) ? known.reason : reasonOfRow(card, now) };
    },
    compare: byPosition,
  });
  const columns = boardStatuses.map((status) => columnNow(board, status, cards));
  for (const move of moves) place(columns, move);
  return columns;
}

function columnNow(board: Board, status: BoardStatus, cards: TaskCardRow[]): ShownColumn {
  const { items, nextCursor, count, isCapped } = board.columns[status];
  const here = cards.filter((card) => card.status === status);
  const last = items.at(-1);
  // Below the window there is more that is not loaded, so a card that belongs there is counted, not shown.
  const isShown = (card: TaskCardRow) => nextCursor === null || (last !== undefined && byPosition(card, last) <= 0);
  const countNow = isCapped ? count : Math.max(0, count + here.length - items.length);
  return { status, cards: here.filter(isShown), count: countNow, isCapped, nextCursor };
}

const byPosition = (a: TaskCardRow, b: TaskCardRow) => compareBytes(a.position, b.position) || compareBytes(a.id, b.id);
const compareBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The stream carries the task alone; the names around it are known from the board. */
function cardOf(task: TaskRow, known: TaskCardRow | undefined, board: Board): Omit<TaskCardRow, "reason"> | undefined {
  const workflow = board.workflows.find(({ id }) => id === task.workflowId);
  if (!workflow) return known && { ...known, ...task };
  const nameOf = (id: string | null) => board.agents.find((agent) => agent.id === id)?.name ?? null;
  return {
    ...task,
    workflowName: workflow.name,
    workflowNumber: workflow.number,
    workflowStatus: workflow.status,
    agentName: nameOf(task.agentId),
    assignedAgentName: nameOf(task.assignedAgentId),
    takenByName: task.takenById ? (known?.takenByName ?? null) : null,
    waitsFor: task.unmetDependencies > 0 ? (known?.waitsFor ?? null) : null,
  };
}

function matches(card: TaskCardRow, filters: BoardFilters, now: number): boolean {
  if (card.deletedAt || card.status === "cancelled") return false;
  if (filters.workflowId && card.workflowId !== filters.workflowId) return false;
  if (filters.agentId && card.agentId !== filters.agentId && card.assignedAgentId !== filters.agentId) return false;
  if (filters.priority && card.priority !== filters.priority) return false;
  if (filters.label && !card.labels.includes(filters.label)) return false;
  if (filters.due && !isDue(card, filters.due, now)) return false;
  return !filters.search || isFound(card, filters.search.toLowerCase());
}

function isDue(card: TaskCardRow, due: string, now: number): boolean {
  if (due === "overdue") return isOverdue(card.dueDate, card.status, now);
  const day = (ahead: number) => new Date(now + ahead * 86_400_000).toISOString().slice(0, 10);
  if (due === "today") return card.dueDate === day(0);
  return card.dueDate !== null && card.dueDate >= day(0) && card.dueDate <= day(6);
}

/** As the server searches: any part of the name, one or two letters at the beginning of a word, or the number. */
function isFound({ name, number }: TaskCardRow, search: string): boolean {
  const words = ` ${name.toLowerCase()}`;
  const isPart = words.includes(/[\p{L}\p{N}]{3}/u.test(search) ? search : ` ${search}`);
  return isPart || [`t-${number}`, String(number)].includes(search);
}

function place(columns: ShownColumn[], move: PendingMove): void {
  const from = columns.find(({ cards }) => cards.some(({ id }) => id === move.id));
  const card = from?.cards.find(({ id }) => id === move.id);
  if (!from || !card) return;
  from.cards = from.cards.filter(({ id }) => id !== move.id);
  from.count -= 1;
  const to = columns.find(({ status }) => status === move.status);
  if (!to) return;
  const after = to.cards.findIndex(({ id }) => id === move.afterId);
  const before = to.cards.findIndex(({ id }) => id === move.beforeId);
  const at = after >= 0 ? after + 1 : Math.max(before, 0);
  to.cards = to.cards.toSpliced(at, 0, { ...card, status: move.status, reason: null });
  to.count += 1;
}
