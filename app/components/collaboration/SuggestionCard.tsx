import { Link, useFetcher } from "@remix-run/react";
import { RefusalNote } from "~/components/shared/ActionForm.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Badge } from "~/components/shared/Badge.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { Markdown } from "~/components/shared/Markdown.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import type { Refusal } from "~/context.d.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import type { Suggestion } from "~/lib/api-types.ts";
import { percent } from "~/lib/format.ts";
import { suggestionLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { ApprovalForm, refusalFor } from "./ApprovalForm.tsx";
import { EffectPreview } from "./EffectPreview.tsx";

/** What an agent asks for, and what became of it. */
export function SuggestionCard({ suggestion }: { suggestion: Suggestion }) {
  const { canChange } = useViewer();
  const isWaiting = suggestion.status === "pending";
  const fetcherKey = `decide-${suggestion.id}`;
  const refusal = refusalFor(useFetcher<Refusal>({ key: fetcherKey }).data, suggestion.id);
  return (
    <article
      id={`suggestion-${suggestion.id}`}
      aria-labelledby={`suggestion-${suggestion.id}-action`}
      className={`rounded-lg border border-line bg-surface px-4 py-3 ${isWaiting ? "border-l-2 border-l-waiting" : ""}`}
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Link to={paths.agent(suggestion.agentId)} className="hover:underline">
          <Actor type="agent" name={suggestion.agentName} />
        </Link>
        <Sureness confidence={suggestion.confidence} />
        <RelativeTime at={suggestion.createdAt} />
        {suggestion.expiresAt && isWaiting ? (
          <span>
            expires <RelativeTime at={suggestion.expiresAt} className="text-failed" />
          </span>
        ) : null}
        {isWaiting ? null : <Mark look={suggestionLooks[suggestion.status]} />}
      </p>
      <h3 id={`suggestion-${suggestion.id}-action`} className="mt-1 font-medium break-words">
        {suggestion.action}
      </h3>
      {suggestion.reasoning ? (
        <div className="mt-1">
          <Markdown>{suggestion.reasoning}</Markdown>
        </div>
      ) : null}
      {isWaiting ? (
        <div className="mt-3">
          <p className="mb-1.5 text-xs text-muted">If it is approved</p>
          <EffectPreview suggestion={suggestion} />
          {canChange ? (
            <ApprovalForm suggestion={suggestion} fetcherKey={fetcherKey} />
          ) : (
            <p className="mt-3 text-sm text-muted">Deciding needs the role operator.</p>
          )}
        </div>
      ) : (
        <>
          {refusal ? <RefusalNote refusal={refusal} /> : null}
          <Decision suggestion={suggestion} />
        </>
      )}
    </article>
  );
}

const Sureness = ({ confidence }: { confidence: number | null }) => (
  <span>{confidence === null ? "did not say how sure" : `${percent(confidence)} sure`}</span>
);

/** Who decided, and whether it was carried out: two facts. */
export function Decision({ suggestion }: { suggestion: Suggestion }) {
  const { decidedAt, decidedByName, decidedByType, decisionNote, appliedAt, applyError } = suggestion;
  if (!decidedAt) return null;
  return (
    <div className="mt-2 grid gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-2 text-muted">
        <Mark look={suggestionLooks[suggestion.status]} />
        {decidedByName ? <Actor type={decidedByType ?? "system"} name={decidedByName} /> : null}
        <RelativeTime at={decidedAt} />
        {decidedByType === "policy" ? <Badge tone="policy">auto-approved</Badge> : null}
      </p>
      {decisionNote ? <p className="max-w-[66ch] break-words">“{decisionNote}”</p> : null}
      {applyError ? <p className="text-failed">Not carried out: {applyError}</p> : null}
      {appliedAt ? (
        <p className="text-muted">
          Carried out <RelativeTime at={appliedAt} />
        </p>
      ) : null}
      <Receipt suggestion={suggestion} />
    </div>
  );
}

function Receipt({ suggestion: { deliveredAt, seenAt } }: { suggestion: Suggestion }) {
  const at = seenAt ?? deliveredAt;
  if (!at) return <p className="text-muted">The agent has not heard of it yet</p>;
  return (
    <p className="text-muted">
      {seenAt ? "The agent took it in" : "Delivered to the agent, which has not taken it in yet"}{" "}
      <RelativeTime at={at} />
    </p>
  );
}
