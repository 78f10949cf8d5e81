import { Section } from "~/components/shared/Section.tsx";
import type { Comment, Suggestion } from "~/lib/api-types.ts";
import { plural } from "~/lib/format.ts";
import { CommentThread } from "./CommentThread.tsx";
import { SuggestionCard } from "./SuggestionCard.tsx";

/** Where people and agents meet over a task: what is asked, what was decided, what is said. */
export function CollaborationPane({
  taskId,
  suggestions,
  comments,
  formKey,
}: {
  taskId: string;
  suggestions: Suggestion[];
  comments: Comment[];
  formKey: string;
}) {
  const waiting = suggestions.filter(({ status }) => status === "pending");
  const decided = suggestions.filter(({ status }) => status !== "pending");
  return (
    <>
      <Section
        id="suggestions"
        title="Suggestions"
        note={waiting.length > 0 ? plural(waiting.length, "waits for a person", "wait for a person") : "none waits"}
      >
        <div className="grid gap-3">
          {waiting.map((suggestion) => (
            <SuggestionCard key={suggestion.id} suggestion={suggestion} />
          ))}
          {suggestions.length === 0 ? (
            <p className="text-sm text-muted">No agent has asked for anything on this task.</p>
          ) : null}
          {decided.length > 0 ? (
            <details open={waiting.length === 0}>
              <summary className="inline-flex min-h-6 items-center text-sm text-muted hover:text-text touch:min-h-11">
                {plural(decided.length, "earlier suggestion")}
              </summary>
              <div className="mt-2 grid gap-3">
                {decided.map((suggestion) => (
                  <SuggestionCard key={suggestion.id} suggestion={suggestion} />
                ))}
              </div>
            </details>
          ) : null}
        </div>
      </Section>
      <Section id="comments" title="Comments">
        <CommentThread comments={comments} target={{ taskId }} formKey={formKey} />
      </Section>
    </>
  );
}
