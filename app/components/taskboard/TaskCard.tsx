import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { Badge } from "~/components/shared/Badge.tsx";
import { Icon } from "~/components/shared/Icon.tsx";
import { PriorityMark } from "~/components/shared/PriorityMark.tsx";
import { Progress } from "~/components/shared/Progress.tsx";
import { ReasonWords } from "~/components/shared/ReasonWords.tsx";
import { useNow } from "~/hooks/useNow.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import type { TaskCardRow } from "~/lib/api-types.ts";
import { dayAndMinute, dueDay, isOverdue, taskNumber } from "~/lib/format.ts";
import { isCalm, reasonNow } from "~/lib/waiting.ts";
import { paths } from "~/paths.ts";
import type { TaskStatus } from "../../../db/enums.ts";
import { MoveTaskForm, type Places } from "./MoveTaskForm.tsx";

const tints: Record<TaskStatus, string> = {
  pending: "[--tint:var(--pending-soft)]",
  in_progress: "[--tint:var(--in-progress-soft)]",
  completed: "[--tint:var(--completed-soft)]",
  failed: "[--tint:var(--failed-soft)]",
  cancelled: "[--tint:var(--cancelled-soft)]",
};

export function TaskCard({
  card,
  places,
  isDragged = false,
  isFresh = false,
}: {
  card: TaskCardRow;
  places?: Places;
  isDragged?: boolean;
  /** Changed while the page was open: its ground fades from the tint of its status. */
  isFresh?: boolean;
}) {
  const { canChange } = useViewer();
  const number = taskNumber(card.number);
  return (
    <article
      aria-labelledby={`card-${card.id}`}
      className={`relative isolate rounded-lg border px-3 py-2.5 ${isDragged ? "rotate-2 border-accent-line bg-raised shadow-float" : "border-line bg-surface"}`}
    >
      {isFresh ? (
        <span
          key={card.revision}
          aria-hidden="true"
          className={`absolute inset-0 -z-10 animate-status rounded-lg ${tints[card.status]}`}
        />
      ) : null}
      <div className="flex items-center gap-2 text-xs text-muted">
        <PriorityMark priority={card.priority} isQuiet />
        <span className="font-mono">{number}</span>
        <Due card={card} />
      </div>
      <h3 id={`card-${card.id}`} className="mt-1 leading-snug font-medium break-words">
        <Link to={paths.task(number)} prefetch="intent" draggable={false} className="hover:underline">
          {card.name}
        </Link>
      </h3>
      <CardState card={card} />
      {card.labels.length > 0 ? (
        <p className="mt-2 flex flex-wrap gap-1">
          {card.labels.slice(0, 3).map((label) => (
            <Badge key={label}>{label}</Badge>
          ))}
        </p>
      ) : null}
      <div className="mt-2 flex min-w-0 items-center gap-x-2 text-xs text-muted has-[[open]]:flex-wrap">
        <Holder card={card} />
        {canChange ? (
          <details className="group ml-auto open:ml-0 open:w-full">
            <summary className="-my-1 inline-flex min-h-6 items-center rounded-sm px-1 hover:bg-hover hover:text-text touch:min-h-11">
              Move<span className="sr-only"> {number}</span>
            </summary>
            <MoveTaskForm card={card} {...(places && { places })} />
          </details>
        ) : null}
      </div>
    </article>
  );
}

function Due({ card }: { card: TaskCardRow }) {
  const now = useNow();
  if (!card.dueDate || card.status === "completed") return null;
  const isLate = isOverdue(card.dueDate, card.status, now);
  return (
    <span className={`ml-auto whitespace-nowrap ${isLate ? "text-failed" : ""}`}>
      {isLate ? "overdue since" : "due"} {dueDay(card.dueDate, now)}
    </span>
  );
}

/** What there is to say between the title and the holder: progress, the decision, the reason it waits or failed. */
function CardState({ card }: { card: TaskCardRow }) {
  const now = useNow();
  const reason = reasonNow(card, now);
  const words = reason ? <ReasonWords reason={reason} as={dayAndMinute} /> : null;
  return (
    <>
      {card.status === "in_progress" && card.currentRunId ? (
        <div className="mt-2">
          <Progress value={card.progress} label={`Progress of ${taskNumber(card.number)}`} />
          {card.progressNote ? <p className="mt-0.5 truncate text-xs text-muted">{card.progressNote}</p> : null}
        </div>
      ) : null}
      {card.pendingSuggestions > 0 ? (
        <p className="mt-2">
          <Link
            to={paths.suggestions({ taskId: card.id })}
            draggable={false}
            className="inline-flex gap-1.5 rounded-sm bg-waiting-soft px-1.5 py-1 text-xs font-medium text-waiting hover:underline"
          >
            <Icon name="hourglass" />
            <span>{reason?.code === "decision" ? words : "Waits for a decision"}</span>
          </Link>
        </p>
      ) : null}
      {reason && reason.code !== "decision" ? (
        <p className={`mt-2 text-xs break-words ${isCalm(reason) ? "text-muted" : "text-waiting"}`}>{words}</p>
      ) : null}
      {card.status === "failed" && card.failureReason ? (
        <p className="mt-2 line-clamp-3 text-xs break-words text-failed">{card.failureReason}</p>
      ) : null}
    </>
  );
}

function Holder({ card }: { card: TaskCardRow }) {
  if (card.takenById) return <Actor type="person" name={card.takenByName ?? "Somebody"} />;
  if (card.agentName && card.status !== "pending") return <Actor type="agent" name={card.agentName} />;
  if (card.assignedAgentName) {
    return (
      <span className="inline-flex min-w-0 gap-1">
        for <Actor type="agent" name={card.assignedAgentName} />
      </span>
    );
  }
  return <span>Nobody yet</span>;
}
