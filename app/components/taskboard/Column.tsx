import { Draggable, Droppable } from "@hello-pangea/dnd";
import { Link } from "@remix-run/react";
import { Mark } from "~/components/shared/Mark.tsx";
import type { TaskCardRow } from "~/lib/api-types.ts";
import type { ShownColumn } from "~/lib/board.ts";
import { counted, taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import type { BoardStatus } from "../../../db/enums.ts";
import { useCanDrag } from "./DragDropProvider.tsx";
import type { Places } from "./MoveTaskForm.tsx";
import { TaskCard } from "./TaskCard.tsx";

const emptyWords: Record<BoardStatus, string> = {
  pending: "Nothing pending.",
  in_progress: "Nothing in progress.",
  completed: "Nothing completed yet.",
  failed: "Nothing failed.",
};

export function Column({
  column,
  freshIds,
  moreTo,
  isChosen,
}: {
  column: ShownColumn;
  freshIds: ReadonlySet<string>;
  /** Where the next cards of this column are; null when all are here. */
  moreTo: string | null;
  /** The one that a phone shows. */
  isChosen: boolean;
}) {
  const { status, cards } = column;
  return (
    <section
      id={`column-${status}`}
      aria-labelledby={`heading-${status}`}
      className={`min-w-0 flex-col md:min-w-58 md:flex-1 ${isChosen ? "flex" : "flex max-md:hidden"}`}
    >
      <h2 id={`heading-${status}`} className="flex items-center gap-2 px-1 pb-2 text-sm font-semibold max-md:sr-only">
        <Mark look={taskLooks[status]} />
        <span className="font-normal text-muted">{counted(column)}</span>
      </h2>
      <div className="flex flex-1 flex-col rounded-lg bg-well p-2">
        {cards.length === 0 ? <p className="px-1 py-3 text-center text-xs text-muted">{emptyWords[status]}</p> : null}
        <Cards column={column} freshIds={freshIds} />
        {moreTo ? (
          <Link
            to={moreTo}
            preventScrollReset
            className="mt-2 rounded-md py-2 text-center text-xs text-muted hover:bg-hover hover:text-text"
          >
            Show more of {counted(column)}
            <span className="sr-only"> in {taskLooks[status].word}</span>
          </Link>
        ) : null}
      </div>
    </section>
  );
}

function Cards({ column: { status, cards }, freshIds }: { column: ShownColumn; freshIds: ReadonlySet<string> }) {
  const canDrag = useCanDrag();
  const label = taskLooks[status].word;
  if (!canDrag) {
    return (
      <ul aria-label={label}>
        {cards.map((card, i) => (
          <li key={card.id} className="pb-2">
            <TaskCard card={card} places={placesOf(cards, i)} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Droppable droppableId={status}>
      {(provided, { isDraggingOver }) => (
        <ul
          ref={provided.innerRef}
          {...provided.droppableProps}
          aria-label={label}
          className={`min-h-12 flex-1 rounded-md ${isDraggingOver ? "outline-2 outline-offset-4 outline-accent-line" : ""}`}
        >
          {cards.map((card, i) => (
            <Draggable key={card.id} draggableId={card.id} index={i}>
              {(drag, { isDragging }) => (
                <li ref={drag.innerRef} {...drag.draggableProps} className="pb-2">
                  {/* A group, not a button: the card holds links and a form of its own. */}
                  {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would announce a form */}
                  <div
                    {...drag.dragHandleProps}
                    role="group"
                    aria-label={`${taskNumber(card.number)}, card`}
                    className="rounded-lg"
                  >
                    <TaskCard
                      card={card}
                      places={placesOf(cards, i)}
                      isDragged={isDragging}
                      isFresh={freshIds.has(card.id)}
                    />
                  </div>
                </li>
              )}
            </Draggable>
          ))}
          {provided.placeholder}
        </ul>
      )}
    </Droppable>
  );
}

/** The neighbours that a card would get, as the fields of a move. */
function placesOf(cards: TaskCardRow[], at: number): Places {
  const fields = (after: TaskCardRow | undefined, before: TaskCardRow | undefined) =>
    new URLSearchParams({ ...(after && { afterId: after.id }), ...(before && { beforeId: before.id }) }).toString();
  const last = cards.at(-1);
  return {
    first: at > 0 ? fields(undefined, cards[0]) : undefined,
    up: at > 1 ? fields(cards[at - 2], cards[at - 1]) : undefined,
    down: at < cards.length - 1 ? fields(cards[at + 1], cards[at + 2]) : undefined,
    last: last && last !== cards[at] ? fields(last, undefined) : undefined,
  };
}
