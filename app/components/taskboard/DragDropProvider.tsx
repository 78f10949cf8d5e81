import {
  type Announce,
  DragDropContext,
  type DragStart,
  type DragUpdate,
  type DropResult,
  type ResponderProvided,
} from "@hello-pangea/dnd";
import { createContext, type ReactNode, useContext } from "react";
import { useHydrated } from "~/hooks/useHydrated.ts";
import { nonceOfPage } from "~/lib/nonce.ts";
import { taskLooks } from "~/lib/statuses.ts";
import type { BoardStatus } from "../../../db/enums.ts";

const CanDrag = createContext(false);

/** Whether cards can be dragged now: after hydration, by those who may move. Before that the board is plain HTML. */
export const useCanDrag = () => useContext(CanDrag);

export interface Drop {
  id: string;
  to: BoardStatus;
  /** Among the cards of the column without the one in the hand. */
  index: number;
}

export function DragDropProvider({
  isAllowed,
  onLift,
  onDrop,
  children,
}: {
  isAllowed: boolean;
  onLift: () => void;
  /** Null when the card was put back where it was. */
  onDrop: (drop: Drop | null) => void;
  children: ReactNode;
}) {
  const isHydrated = useHydrated();
  if (!isHydrated || !isAllowed) return children;

  function lifted({ source }: DragStart, { announce }: ResponderProvided) {
    onLift();
    announce(
      `Lifted. It is in ${wordOf(source.droppableId)}, place ${source.index + 1}. Arrow keys move it, Space drops it, Escape puts it back.`,
    );
  }
  function dropped({ draggableId, source, destination }: DropResult, { announce }: ResponderProvided) {
    const isBack =
      !destination || (destination.droppableId === source.droppableId && destination.index === source.index);
    announce(isBack ? "Put back." : `Dropped in ${wordOf(destination.droppableId)}, place ${destination.index + 1}.`);
    onDrop(isBack ? null : { id: draggableId, to: statusOf(destination.droppableId), index: destination.index });
  }
  return (
    <CanDrag.Provider value={true}>
      <DragDropContext
        nonce={nonceOfPage()}
        dragHandleUsageInstructions="Press Space to lift this card."
        onDragStart={lifted}
        onDragUpdate={sayWhere}
        onDragEnd={dropped}
      >
        {children}
      </DragDropContext>
    </CanDrag.Provider>
  );
}

function sayWhere({ destination }: DragUpdate, { announce }: { announce: Announce }) {
  announce(
    destination ? `Over ${wordOf(destination.droppableId)}, place ${destination.index + 1}.` : "Over no column.",
  );
}

/** Columns are named after their status. */
const statusOf = (droppableId: string) => droppableId as BoardStatus;
const wordOf = (droppableId: string) => taskLooks[statusOf(droppableId)].word;
