import { useFetchers, useLocation, useSubmit } from "@remix-run/react";
import { useState } from "react";
import { Tabs } from "~/components/shared/Tabs.tsx";
import { useNow } from "~/hooks/useNow.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import type { Board } from "~/lib/api-types.ts";
import { type BoardFilters, boardNow, type PendingMove, type ShownColumn } from "~/lib/board.ts";
import { liveStore, usePatches } from "~/lib/live.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { type BoardStatus, boardStatuses, type TaskStatus } from "../../../db/enums.ts";
import { Column } from "./Column.tsx";
import { DragDropProvider, type Drop } from "./DragDropProvider.tsx";
import { MoveOutcome } from "./MoveOutcome.tsx";

/** Four columns of cards, live, by drag, by keyboard and by form. */
export function TaskBoard({
  board,
  filters,
  chosen = "in_progress",
}: {
  board: Board;
  filters: BoardFilters;
  /** The column that a phone shows. */
  chosen?: BoardStatus;
}) {
  const { canChange } = useViewer();
  const patches = usePatches("task");
  const now = boardNow(board, { patches, moves: usePendingMoves(), filters, now: useNow() });
  // What was on the screen when a card was lifted: until it is dropped nothing moves under the hand, whatever comes.
  const [held, setHeld] = useState<ShownColumn[]>();
  const columns = held ?? now;
  const { move, movedIds } = useMoves(columns);
  const addressOf = useAddress();
  const freshIds = new Set(patches.map(({ id }) => id));

  return (
    <>
      <Tabs
        label="Columns"
        className="mt-3 md:hidden"
        tabs={columns.map(({ status, count }) => ({
          to: addressOf({ column: status }),
          word: taskLooks[status].word,
          count,
          isCurrent: status === chosen,
        }))}
      />
      <DragDropProvider
        isAllowed={canChange}
        onLift={() => {
          liveStore.hold();
          setHeld(columns);
        }}
        onDrop={(drop) => {
          liveStore.release();
          setHeld(undefined);
          if (drop) move(drop);
        }}
      >
        <section
          aria-label="Board"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-3 flex gap-3 md:overflow-x-auto md:pb-2"
        >
          {columns.map((column) => (
            <Column
              key={column.status}
              column={column}
              freshIds={freshIds}
              isChosen={column.status === chosen}
              moreTo={moreOf(column, addressOf)}
            />
          ))}
        </section>
      </DragDropProvider>
      {movedIds.map((id) => (
        <MoveOutcome key={id} id={id} />
      ))}
    </>
  );
}

/** Moves on their way, read from the requests themselves: there is no second copy of the board. */
function usePendingMoves(): PendingMove[] {
  return useFetchers().flatMap(({ formAction, formData }) => {
    const id = /^\/tasks\/([^/]+)\/move$/.exec(formAction ?? "")?.[1];
    if (!id || !formData) return [];
    const fields = new URLSearchParams(String(formData.get("place") ?? ""));
    return [
      {
        id,
        status: formData.get("status") as TaskStatus, // what our own forms hold
        afterId: fields.get("afterId") ?? undefined,
        beforeId: fields.get("beforeId") ?? undefined,
      },
    ];
  });
}

function useMoves(columns: ShownColumn[]) {
  const submit = useSubmit();
  const [movedIds, setMovedIds] = useState<string[]>([]);

  function move({ id, to, index }: Drop) {
    const card = columns.flatMap(({ cards }) => cards).find((one) => one.id === id);
    const others = columns.find(({ status }) => status === to)?.cards.filter((one) => one.id !== id);
    if (!card || !others) return;
    const [after, before] = [others[index - 1], others[index]];
    const place = new URLSearchParams({ ...(after && { afterId: after.id }), ...(before && { beforeId: before.id }) });
    setMovedIds((ids) => (ids.includes(id) ? ids : [...ids, id]));
    submit(
      {
        stay: "1",
        status: to,
        place: place.toString(),
        // A new order needs no check. Under an agent the revision changes all the time: there the server asks about the run.
        ...(to !== card.status && !card.currentRunId && { revision: String(card.revision) }),
        undo: undoOf(columns, id),
      },
      { method: "post", action: paths.taskAction(id, "move"), navigate: false, fetcherKey: `move-${id}` },
    );
  }
  return { move, movedIds };
}

/** The fields that would put the card back where it is now. */
function undoOf(columns: ShownColumn[], id: string): string {
  const from = columns.find(({ cards }) => cards.some((card) => card.id === id));
  const at = from?.cards.findIndex((card) => card.id === id) ?? 0;
  const [after, before] = [from?.cards[at - 1], from?.cards[at + 1]];
  return new URLSearchParams({
    status: from?.status ?? boardStatuses[0],
    ...(after && { afterId: after.id }),
    ...(before && { beforeId: before.id }),
  }).toString();
}

const step = 25;
const mostPerColumn = 200;

/** More of a column: a longer window while that is allowed, then the column's next page. */
function moreOf(column: ShownColumn, addressOf: (change: Record<string, string>) => string): string | null {
  if (column.nextCursor === null) return null;
  if (column.cards.length < mostPerColumn) {
    return addressOf({ limit: String(Math.min(mostPerColumn, column.cards.length + step)), column: column.status });
  }
  return addressOf({ column: column.status, cursor: column.nextCursor });
}

function useAddress() {
  const { pathname, search } = useLocation();
  return (change: Record<string, string>) => {
    const query = new URLSearchParams(search);
    for (const [name, value] of Object.entries(change)) query.set(name, value);
    return `${pathname}?${query}`;
  };
}
