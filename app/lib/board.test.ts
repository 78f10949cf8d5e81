import { describe, expect, test } from "bun:test";
import type { TaskStatus } from "../../db/enums.ts";
import type { Board, TaskCardRow } from "./api-types.ts";
import { type BoardFilters, boardNow, type PendingMove } from "./board.ts";
import type { Patch } from "./live-store.ts";

const card = (id: string, status: TaskStatus, position: string, more: Partial<TaskCardRow> = {}): TaskCardRow => ({
  id,
  number: 1,
  name: `Task ${id}`,
  status,
  priority: "medium",
  dueDate: null,
  labels: [],
  requiredCapabilities: [],
  position,
  workflowId: "w",
  agentId: null,
  assignedAgentId: null,
  takenById: null,
  currentRunId: null,
  progress: 0,
  progressNote: null,
  ready: true,
  unmetDependencies: 0,
  pendingSuggestions: 0,
  queueAfter: null,
  queueExpiresAt: null,
  queueTtlSeconds: null,
  attempt: 0,
  maxAttempts: 3,
  durationSeconds: 0,
  createdAt: new Date(0),
  startedAt: null,
  completedAt: null,
  updatedAt: new Date(0),
  revision: 1,
  deletedAt: null,
  failureReason: null,
  workflowName: "Sample",
  workflowNumber: 1,
  workflowStatus: "running",
  agentName: null,
  assignedAgentName: null,
  takenByName: null,
  waitsFor: null,
  reason: null,
  ...more,
});

const empty = { items: [], nextCursor: null, count: 0, isCapped: false };
const board = (pending: TaskCardRow[], more: { nextCursor?: string | null; count?: number } = {}): Board => ({
  columns: {
    pending: {
      items: pending,
      nextCursor: more.nextCursor ?? null,
      count: more.count ?? pending.length,
      isCapped: false,
    },
    in_progress: empty,
    completed: empty,
    failed: empty,
  },
  cancelled: { count: 0, isCapped: false },
  agents: [{ id: "agent", name: "sample-agent" }],
  workflows: [{ id: "w", number: 1, name: "Sample", status: "running" }],
});

const patch = (row: TaskCardRow): Patch => ({ entity: "task", id: row.id, revision: row.revision, row }) as Patch; // its event is not looked at

function shown(of: Board, more: { patches?: Patch[]; moves?: PendingMove[]; filters?: BoardFilters }) {
  const columns = boardNow(of, { patches: [], moves: [], filters: {}, now: 0, ...more });
  return Object.fromEntries(columns.map(({ status, cards, count }) => [status, [count, ...cards.map(({ id }) => id)]]));
}

describe("the board", () => {
  const three = board([card("a", "pending", "a1"), card("b", "pending", "a2"), card("c", "pending", "a3")]);

  test("moves a card to where the stream says it is, with the counts", () => {
    const moved = patch(card("b", "in_progress", "a5", { revision: 2, agentId: "agent" }));
    expect(shown(three, { patches: [moved] })).toMatchObject({ pending: [2, "a", "c"], in_progress: [1, "b"] });
  });

  test("leaves out what the filter leaves out", () => {
    const fresh = patch(card("d", "pending", "a4", { priority: "low" }));
    expect(shown(three, { patches: [fresh], filters: { priority: "medium" } }).pending).toEqual([3, "a", "b", "c"]);
    expect(shown(three, { patches: [fresh] }).pending).toEqual([4, "a", "b", "c", "d"]);
  });

  test("counts a card below the loaded window without showing it", () => {
    const windowed = board([card("a", "pending", "a1"), card("b", "pending", "a2")], { nextCursor: "more", count: 9 });
    const below = patch(card("z", "pending", "z1"));
    expect(shown(windowed, { patches: [below] }).pending).toEqual([10, "a", "b"]);
  });

  test("shows no reason that the stream has overtaken", () => {
    const reason = { code: "no_capable_agent" as const, sentence: "No agent has the capability ocr.", times: [] };
    const waiting = board([card("a", "pending", "a1", { reason })]);
    const reasonAfter = (row: TaskCardRow, moves: PendingMove[] = []) =>
      boardNow(waiting, { patches: [patch(row)], moves, filters: {}, now: 0 })
        .flatMap(({ cards }) => cards)
        .map((one) => one.reason?.sentence);
    const renamed = card("a", "pending", "a1", { revision: 2, name: "Renamed" });
    expect(reasonAfter(renamed)).toEqual(["No agent has the capability ocr."]);
    const claimed = card("a", "in_progress", "a1", { revision: 2, agentId: "agent", currentRunId: "r", attempt: 1 });
    expect(reasonAfter(claimed)).toEqual(["sample-agent works on it (attempt 1 of 3)."]);
    const free = card("a", "pending", "a1", { revision: 2, requiredCapabilities: ["read"] });
    expect(reasonAfter(free)).toEqual([undefined]);
    expect(reasonAfter(renamed, [{ id: "a", status: "completed" }])).toEqual([undefined]);
  });

  test("puts a card on its way between the two it was dropped between", () => {
    const moves = [{ id: "c", status: "pending" as const, afterId: "a", beforeId: "b" }];
    expect(shown(three, { moves }).pending).toEqual([3, "a", "c", "b"]);
    const away = [{ id: "a", status: "failed" as const }];
    expect(shown(three, { moves: away })).toMatchObject({ pending: [2, "b", "c"], failed: [1, "a"] });
  });
});
