import { ActionForm, AskFirst } from "~/components/shared/ActionForm.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import type { WorkflowDetail } from "~/lib/api-types.ts";
import { plural, workflowNumber } from "~/lib/format.ts";
import { paths } from "~/paths.ts";

/** What a person can do to a workflow in its present state. */
export function WorkflowActions({ workflow }: { workflow: WorkflowDetail }) {
  const id = workflowNumber(workflow.number);
  if (workflow.deletedAt) {
    return (
      <ActionForm action={paths.workflowAction(id, "restore")} word="Restore" pendingWord="Restoring…" kind="main" />
    );
  }
  const { status } = workflow;
  const isOpen = status === "running" || status === "paused" || status === "draft";
  const working =
    workflow.liveRuns > 0
      ? `${plural(workflow.liveRuns, "run")} under way ${workflow.liveRuns === 1 ? "ends" : "end"} now. `
      : "";
  return (
    <>
      {status === "cancelled" ? null : (
        <ButtonLink to={paths.newTask({ workflowId: workflow.id })}>Add task</ButtonLink>
      )}
      <ButtonLink to={paths.workflowAction(id, "edit")}>Edit</ButtonLink>
      {status === "running" ? (
        <ActionForm action={paths.workflowAction(id, "pause")} word="Pause" pendingWord="Pausing…" />
      ) : null}
      {status === "paused" || status === "draft" ? (
        <ActionForm
          action={paths.workflowAction(id, "resume")}
          word={status === "draft" ? "Start" : "Resume"}
          pendingWord="Resuming…"
          kind="main"
        />
      ) : null}
      {status === "failed" || status === "cancelled" ? (
        <ActionForm action={paths.workflowAction(id, "retry")} word="Retry" pendingWord="Retrying…" kind="main" />
      ) : null}
      {isOpen ? (
        <AskFirst word="Cancel workflow…">
          <p>{working}Every open task is cancelled. It can be retried later.</p>
          <ActionForm
            action={paths.workflowAction(id, "cancel")}
            word="Cancel the workflow"
            pendingWord="Cancelling…"
            kind="dangerLast"
          />
        </AskFirst>
      ) : null}
      <AskFirst word="Remove…">
        <p>{working}The workflow goes to the bin, and its tasks out of sight with it. You can undo this.</p>
        <ActionForm
          action={paths.workflowAction(id, "remove")}
          word="Move it to the bin"
          pendingWord="Removing…"
          kind="dangerLast"
          fields={workflow.liveRuns > 0 ? { force: "true" } : {}}
        />
      </AskFirst>
    </>
  );
}
