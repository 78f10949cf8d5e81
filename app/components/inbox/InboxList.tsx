import { Link, useSearchParams } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import type { Suggestion } from "~/lib/api-types.ts";
import { percent, taskNumber } from "~/lib/format.ts";
import { usePatches } from "~/lib/live.ts";
import { patchRows } from "~/lib/live-store.ts";
import { suggestionLooks } from "~/lib/statuses.ts";

/** What waits, the longest first. What is decided elsewhere meanwhile stays in its place and says so. */
export function InboxList({ items, current }: { items: Suggestion[]; current: string | undefined }) {
  const [search] = useSearchParams();
  const order = new Map(items.map(({ id }, i) => [id, i]));
  const shown = patchRows(items, usePatches("suggestion"), {
    belongs: ({ id }) => order.has(id),
    toRow: (data, known) => known && { ...known, ...(data as Suggestion) }, // a suggestion event carries its row
    compare: (a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0),
  });
  const addressOf = (id: string) => {
    const query = new URLSearchParams(search);
    query.set("s", id);
    return `?${query}`;
  };
  return (
    <ul aria-label="Suggestions" className="overflow-hidden rounded-lg border border-line bg-surface">
      {shown.map((suggestion) => (
        <li key={suggestion.id} className="border-b border-line last:border-0">
          <Link
            to={addressOf(suggestion.id)}
            prefetch="intent"
            preventScrollReset
            aria-current={suggestion.id === current ? "true" : undefined}
            className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 border-l-2 border-transparent px-3 py-2.5 hover:bg-hover aria-[current]:border-accent aria-[current]:bg-accent-soft"
          >
            <span className="truncate font-medium">{suggestion.action}</span>
            <span className="text-right text-sm text-muted">
              {suggestion.confidence === null ? "not said" : percent(suggestion.confidence)}
              <span className="sr-only"> sure</span>
            </span>
            <span className="flex min-w-0 items-center gap-2 text-xs text-muted">
              <Actor type="agent" name={suggestion.agentName} />
              <span className="whitespace-nowrap">{taskNumber(suggestion.taskNumber)}</span>
            </span>
            <span className="text-right text-xs text-muted">
              {suggestion.status === "pending" ? (
                <RelativeTime
                  at={suggestion.expiresAt ?? suggestion.createdAt}
                  className={suggestion.expiresAt ? "text-failed" : ""}
                />
              ) : (
                <Mark look={suggestionLooks[suggestion.status]} />
              )}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
