import { Link, useSearchParams } from "@remix-run/react";
import { ApprovalForm } from "~/components/collaboration/ApprovalForm.tsx";
import { EffectPreview } from "~/components/collaboration/EffectPreview.tsx";
import { Decision } from "~/components/collaboration/SuggestionCard.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { Markdown } from "~/components/shared/Markdown.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import type { SuggestionDetail } from "~/lib/api-types.ts";
import { taskNumber } from "~/lib/format.ts";
import { suggestionLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { Trust } from "./Trust.tsx";

/** The one decision that the inbox is making; the page says when it was refused. */
export const inboxDecision = "inbox-decision";

/** One suggestion with all that a person needs to decide on it. */
export function InboxDetail({ suggestion, next }: { suggestion: SuggestionDetail; next: string | undefined }) {
  const { canChange } = useViewer();
  const [search] = useSearchParams();
  const isWaiting = suggestion.status === "pending";
  const number = taskNumber(suggestion.taskNumber);
  const query = Object.fromEntries(search);
  return (
    <article aria-labelledby="chosen" className="min-w-0 rounded-lg border border-line bg-surface">
      <div className="border-b border-line px-5 py-4">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
          <Link to={paths.agent(suggestion.agentId)} className="hover:underline">
            <Actor type="agent" name={suggestion.agentName} />
          </Link>
          <span>
            on{" "}
            <Link to={paths.task(number)} className="text-accent underline underline-offset-2">
              {number} {suggestion.taskName}
            </Link>
          </span>
          <RelativeTime at={suggestion.createdAt} />
          {suggestion.expiresAt && isWaiting ? (
            <span>
              expires <RelativeTime at={suggestion.expiresAt} className="text-failed" />
            </span>
          ) : null}
          {isWaiting ? null : <Mark look={suggestionLooks[suggestion.status]} />}
        </p>
        <h2 id="chosen" className="mt-1 text-lg font-semibold break-words">
          {suggestion.action}
        </h2>
      </div>
      <div className="grid gap-6 px-5 py-4 xl:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <section>
            <h3 className="text-sm font-semibold">Why</h3>
            <div className="mt-1">
              {suggestion.reasoning ? (
                <Markdown>{suggestion.reasoning}</Markdown>
              ) : (
                <p className="text-muted">The agent gave no reason.</p>
              )}
            </div>
          </section>
          {isWaiting ? (
            <section>
              <h3 className="mb-1.5 text-sm font-semibold">What happens if you approve</h3>
              <EffectPreview suggestion={suggestion} />
            </section>
          ) : null}
          <div className="border-t border-line pt-1">
            {isWaiting && canChange ? (
              <ApprovalForm
                key={suggestion.id}
                suggestion={suggestion}
                hasKeys
                fetcherKey={inboxDecision}
                back={paths.suggestions({ ...query, s: next ?? null })}
              />
            ) : null}
            {isWaiting && !canChange ? (
              <p className="mt-3 text-sm text-muted">Deciding needs the role operator.</p>
            ) : null}
            {isWaiting ? null : <Decision suggestion={suggestion} />}
          </div>
        </div>
        <Trust suggestion={suggestion} />
      </div>
    </article>
  );
}
