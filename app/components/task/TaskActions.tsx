import { ActionForm, AskFirst } from "~/components/shared/ActionForm.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import type { TaskDetail } from "~/lib/api-types.ts";
import { taskNumber } from "~/lib/format.ts";
import { paths } from "~/paths.ts";

/** What a person can do to a task in its present state. */
export function TaskActions({ task }: { task: TaskDetail }) {
  const number = taskNumber(task.number);
  if (task.deletedAt) {
    return (
      <ActionForm action={paths.taskAction(number, "restore")} word="Restore" pendingWord="Restoring…" kind="main" />
    );
  }
  const isOpen = task.status === "pending" || task.status === "in_progress";
  const canRetry = task.status === "failed" || task.status === "cancelled";
  const holder = task.currentRun ? (task.agent?.name ?? "An agent") : null;
  return (
    <>
      {canRetry ? (
        <ActionForm action={paths.taskAction(number, "retry")} word="Retry" pendingWord="Retrying…" kind="main" />
      ) : null}
      <ButtonLink to={paths.taskAction(number, "edit")}>Edit</ButtonLink>
      {isOpen || task.status === "failed" ? (
        <AskFirst word="Cancel task…">
          <p>
            {holder ? `${holder} is working on it. Its run ends now. ` : ""}
            What depends on it cannot start. It can be retried later.
          </p>
          <ActionForm
            action={paths.taskAction(number, "cancel")}
            word="Cancel the task"
            pendingWord="Cancelling…"
            kind="dangerLast"
          >
            <Field className="w-full" label="Reason" isOptional name="reason" maxLength={500} />
          </ActionForm>
        </AskFirst>
      ) : null}
      <AskFirst word="Remove…">
        <p>
          {holder ? `${holder} is working on it. Its run ends now. ` : ""}
          The task goes to the bin, and what waits for it waits no more. You can undo this.
        </p>
        <ActionForm
          action={paths.taskAction(number, "remove")}
          word="Move it to the bin"
          pendingWord="Removing…"
          kind="dangerLast"
          fields={task.currentRun ? { force: "true" } : {}}
        />
      </AskFirst>
    </>
  );
}
