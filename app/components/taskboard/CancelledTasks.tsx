import { Link, useSearchParams } from "@remix-run/react";
import { Mark } from "~/components/shared/Mark.tsx";
import type { Board, BoardColumn } from "~/lib/api-types.ts";
import { counted, taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

/** Cancelled tasks are no column: hidden until asked for. */
export function CancelledTasks({ cancelled, hidden }: { cancelled: Board["cancelled"]; hidden: BoardColumn | null }) {
  const [search] = useSearchParams();
  if (cancelled.count === 0) return null;
  const filters = Object.fromEntries(search);
  if (!hidden) {
    return (
      <p className="mt-4 text-sm">
        <Link
          to={paths.tasks({ ...filters, cancelled: 1 })}
          preventScrollReset
          className="inline-flex min-h-6 items-center text-muted underline underline-offset-2 hover:text-text"
        >
          Show {counted(cancelled)} cancelled
        </Link>
      </p>
    );
  }
  return (
    <section aria-labelledby="cancelled" className="mt-6">
      <h2 id="cancelled" className="text-sm font-semibold">
        <Mark look={taskLooks.cancelled} /> <span className="font-normal text-muted">{counted(cancelled)}</span>
      </h2>
      <ul className="mt-2 flex flex-col gap-1 text-sm">
        {hidden.items.map((card) => (
          <li key={card.id}>
            <Link to={paths.task(taskNumber(card.number))} className="hover:underline">
              <span className="font-mono text-xs text-muted">{taskNumber(card.number)}</span> {card.name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
