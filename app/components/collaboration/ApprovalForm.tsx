import { useFetcher, useLocation } from "@remix-run/react";
import { RefusalNote } from "~/components/shared/ActionForm.tsx";
import { Button, Kbd } from "~/components/shared/Button.tsx";
import { TextArea } from "~/components/shared/Field.tsx";
import { Select } from "~/components/shared/Select.tsx";
import type { Refusal } from "~/context.d.ts";
import type { Suggestion } from "~/lib/api-types.ts";
import { sentence } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { priorities, taskStatuses } from "../../../db/enums.ts";

/** The decision: one note, and a button for each answer. The first decision wins; a second one is told whose was first. */
export function ApprovalForm({
  suggestion,
  back,
  hasKeys = false,
  fetcherKey,
}: {
  suggestion: Suggestion;
  /** Where to go on after the decision; this page when left out. */
  back?: string;
  /** Whether A and R press the buttons on this page. */
  hasKeys?: boolean;
  /** Shared with whoever says what became of it when this form is gone: a decision by somebody else removes it. */
  fetcherKey: string;
}) {
  const fetcher = useFetcher<Refusal>({ key: fetcherKey });
  const { pathname, search } = useLocation();
  const refusal = refusalFor(fetcher.data, suggestion.id);
  const isPending = fetcher.state !== "idle";
  const doing = (verb: "approve" | "reject" | "request-changes") =>
    isPending && fetcher.formAction === paths.suggestionAction(suggestion.id, verb);

  return (
    <fetcher.Form
      method="post"
      action={paths.suggestionAction(suggestion.id, "approve")}
      preventScrollReset
      className="mt-3 grid max-w-[66ch] gap-3"
      {...(hasKeys && { "data-decides": "" })}
    >
      <input type="hidden" name="back" value={back ?? pathname + search} />
      <input type="hidden" name="taskRevision" value={suggestion.taskRevisionNow} />
      {refusal ? <RefusalNote refusal={refusal} /> : null}
      <TextArea
        label="Note to the agent"
        hint="Say why when you reject or ask for changes: it is what the agent learns from."
        name="note"
        rows={2}
        errors={refusal?.fieldErrors?.note ?? refusal?.fieldErrors?.reason}
      />
      <EditedEffect suggestion={suggestion} />
      <div className="flex flex-wrap gap-2">
        <Button kind="main" isPending={doing("approve")} pendingWord="Approving…" data-key={hasKeys ? "a" : undefined}>
          Approve{hasKeys ? <Key>A</Key> : null}
        </Button>
        <Button
          formAction={paths.suggestionAction(suggestion.id, "request-changes")}
          isPending={doing("request-changes")}
          pendingWord="Asking…"
        >
          Ask for changes
        </Button>
        <Button
          kind="danger"
          formAction={paths.suggestionAction(suggestion.id, "reject")}
          isPending={doing("reject")}
          pendingWord="Rejecting…"
          data-key={hasKeys ? "r" : undefined}
        >
          Reject{hasKeys ? <Key>R</Key> : null}
        </Button>
      </div>
    </fetcher.Form>
  );
}

/** What was refused, if it was about this suggestion. */
export function refusalFor(answer: Refusal | undefined, id: string): Refusal | null {
  return answer?.ok === false && answer.values.id === id ? answer : null;
}

const Key = ({ children }: { children: string }) => (
  <span aria-hidden="true" className="max-md:hidden">
    <Kbd isOnButton>{children}</Kbd>
  </span>
);

/** "Approve with edits": what the server will do, changed by who decides. Only where the change is one choice. */
function EditedEffect({ suggestion: { effect } }: { suggestion: Suggestion }) {
  if (effect?.kind !== "set_status" && effect?.kind !== "set_priority") return null;
  const isStatus = effect.kind === "set_status";
  const edits = isStatus
    ? taskStatuses
        .filter((status) => status !== "in_progress")
        .map((value) => ({ value, label: taskLooks[value].word }))
    : priorities.map((value) => ({ value, label: sentence(value) }));
  return (
    <details>
      <summary className="inline-flex min-h-6 items-center text-sm text-muted underline underline-offset-2 hover:text-text touch:min-h-11">
        Approve with edits…
      </summary>
      <input type="hidden" name="effect.kind" value={effect.kind} />
      <Select
        className="mt-2 max-w-64"
        label={isStatus ? "Set the status to" : "Set the priority to"}
        name={isStatus ? "effect.status" : "effect.priority"}
        options={[{ value: "", label: "As suggested" }, ...edits]}
      />
    </details>
  );
}
