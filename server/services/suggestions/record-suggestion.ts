import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

/** Records what happened to a suggestion; its name in the audit log is what it asks for. */
export function recordSuggestion(
  record: Recorder,
  change: {
    suggestion: SuggestionRow;
    before: Partial<SuggestionRow> | null;
    action: string | false;
    event?: "suggestion_created" | "suggestion_approved" | "suggestion_rejected" | "suggestion_update";
    reason?: string | null | undefined;
    by?: Pick<Ctx, "actor" | "requestId"> | undefined;
  },
): void {
  const { suggestion } = change;
  record({
    event: change.event ?? "suggestion_update",
    entity: "suggestion",
    action: change.action,
    id: suggestion.id,
    revision: suggestion.revision,
    before: change.before,
    after: suggestion,
    label: suggestion.action.slice(0, 200),
    workflowId: suggestion.workflowId,
    taskId: suggestion.taskId,
    reason: change.reason,
    by: change.by,
  });
}

/** A suggestion that has just left pending, as it was. */
export const asPending = (suggestion: SuggestionRow): SuggestionRow => ({
  ...suggestion,
  status: "pending",
  effectEdited: null,
  decidedAt: null,
  decidedByType: null,
  decidedById: null,
  decidedByName: null,
  decisionNote: null,
  appliedAt: null,
  deliveredAt: null,
  seenAt: null,
});
