import { useFetcher } from "@remix-run/react";
import { useState } from "react";
import { Button } from "~/components/shared/Button.tsx";
import { Modal } from "~/components/shared/Modal.tsx";
import { Toast, type ToastMessage } from "~/components/shared/Toast.tsx";
import type { Refusal } from "~/context.d.ts";
import { canBeForced } from "~/lib/refusal.ts";
import { paths } from "~/paths.ts";

type Answer = { ok: true; said?: ToastMessage } | Refusal;

/** What became of a dropped card: a word and Undo, or why it was put back and what can be done about it. */
export function MoveOutcome({ id }: { id: string }) {
  const fetcher = useFetcher<Answer>({ key: `move-${id}` });
  const [dismissed, setDismissed] = useState<Answer>();
  const answer = fetcher.data;
  if (fetcher.state !== "idle" || !answer || answer === dismissed) return null;
  const dismiss = () => setDismissed(answer);
  if (answer.ok) return answer.said ? <Toast message={answer.said} onGone={dismiss} /> : null;
  const asksFirst = answer.reason === "has_live_run";
  return (
    <Modal title={asksFirst ? "An agent is working on it" : "Your move was not made"} onClose={dismiss}>
      <p className="text-muted">{answer.formError ?? "The server refused it."}</p>
      <fetcher.Form method="post" action={paths.taskAction(id, "move")} className="mt-4 flex flex-wrap gap-2">
        {Object.entries(answer.values)
          .filter(([name]) => name !== "revision" && name !== "force")
          .map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
        <input type="hidden" name="stay" value="1" />
        {canBeForced(answer) ? (
          <Button kind={asksFirst ? "dangerLast" : "main"} name="force" value="true">
            {asksFirst ? "Stop it and move" : "Move anyway"}
          </Button>
        ) : null}
        <Button type="button" onClick={dismiss}>
          {asksFirst ? "Leave it running" : "Leave it"}
        </Button>
      </fetcher.Form>
    </Modal>
  );
}
