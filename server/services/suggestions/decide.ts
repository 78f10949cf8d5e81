import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import type { PersonCtx } from "../context.ts";
import { Conflict, DomainError, Invalid } from "../errors.ts";
import { id, optional, revision, text } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { rollUpSoon } from "../workflows/roll-up.ts";
import { applyEffect } from "./apply-effect.ts";
import { closePending } from "./close.ts";
import { effect } from "./effect.ts";
import { alreadyDecided, lockWithTask } from "./find.ts";
import { asPending, recordSuggestion } from "./record-suggestion.ts";
import { settleSuggestions } from "./settle.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

const note = text(5_000);

export const approveInput = z.object({
  id,
  note: optional(note),
  /** The effect as the person edited it, instead of the suggested one. */
  effect: effect.optional(),
  /** The task's revision that the person saw. */
  taskRevision: optional(revision),
});

export const rejectInput = z.object({ id, reason: optional(note), taskRevision: optional(revision) });

export const requestChangesInput = z.object({
  id,
  note: note.min(1, "Say what should change."),
  taskRevision: optional(revision),
});

/** Approves, and applies a typed effect in the same transaction: either both happen, or neither. */
export function approveSuggestion(ctx: PersonCtx, input: z.output<typeof approveInput>): Promise<SuggestionRow> {
  return decide(ctx, input, { status: "approved", note: input.note, effectEdited: input.effect });
}

export function rejectSuggestion(ctx: PersonCtx, input: z.output<typeof rejectInput>): Promise<SuggestionRow> {
  return decide(ctx, input, { status: "rejected", note: input.reason });
}

/** Sends it back with a note; the agent may suggest again. */
export function requestChanges(ctx: PersonCtx, input: z.output<typeof requestChangesInput>): Promise<SuggestionRow> {
  return decide(ctx, input, { status: "changes_requested", note: input.note });
}

interface Decision {
  status: "approved" | "rejected" | "changes_requested";
  note?: string | undefined;
  effectEdited?: SuggestionEffect | undefined;
}

type Input = { id: string; taskRevision?: number | undefined };

/** The first decision wins; whoever comes later is told whose it was. */
async function decide(ctx: PersonCtx, input: Input, decision: Decision): Promise<SuggestionRow> {
  const { refusal, suggestion } = await mutate(ctx, async (tx, record) => {
    const { suggestion, task, hasMovedOn, hasExpired } = await lockWithTask(tx, input.id);
    if (suggestion.status !== "pending") throw alreadyDecided(suggestion);
    if (input.taskRevision !== undefined && input.taskRevision > task.revision) {
      throw new Invalid({ taskRevision: [`This task has only come to revision ${task.revision}. Look at it again.`] });
    }
    // The refusal is thrown after the commit, which keeps that it no longer waits.
    if (hasMovedOn || hasExpired) {
      const lapsed = await lapse(tx, record, ctx, { suggestion, hasMovedOn });
      return { suggestion: lapsed, refusal: tooLate(lapsed, task) };
    }
    return { suggestion: await close(tx, record, ctx, { suggestion, task, decision }), refusal: null };
  });
  if (refusal) throw refusal;
  if (suggestion.appliedAt) rollUpSoon(ctx, suggestion.workflowId);
  return suggestion;
}

async function close(
  tx: Connection,
  record: Recorder,
  ctx: PersonCtx,
  { suggestion, task, decision }: { suggestion: SuggestionRow; task: TaskRow; decision: Decision },
): Promise<SuggestionRow> {
  const effect = decision.status === "approved" ? (decision.effectEdited ?? suggestion.effect) : null;
  const [decided] = await closePending(tx, ctx, ["id = any($1::uuid[])", [suggestion.id]], {
    ...decision,
    isApplied: effect !== null,
  });
  if (!decided)
    throw new Conflict("already_decided", "Someone else decided this at the same moment. Look at it again.");
  recordSuggestion(record, {
    suggestion: decided,
    before: asPending(decided),
    action: decision.status,
    event: eventOf[decision.status],
    reason: decision.note,
  });
  await settleSuggestions(tx, record, ctx, [decided]);
  if (effect)
    await applyOrRefuse(tx, record, ctx, { task, effect, reason: `Approved: ${suggestion.action.slice(0, 200)}` });
  return decided;
}

const eventOf = {
  approved: "suggestion_approved",
  rejected: "suggestion_rejected",
  changes_requested: "suggestion_update",
} as const;

/** An approval that cannot be applied is none: the suggestion goes on waiting, and the person is told why. */
async function applyOrRefuse(...[tx, record, ctx, application]: Parameters<typeof applyEffect>): Promise<void> {
  try {
    await applyEffect(tx, record, ctx, application);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const reason = error instanceof Conflict ? error.reason : "invalid_transition";
    const data = error instanceof Conflict ? error.data : {};
    throw new Conflict(reason, `Not approved, since it cannot be done now. ${error.message}`, {
      ...data,
      effect: application.effect,
    });
  }
}

/** Its time was over before the decision came: the task has moved on, or nobody decided until it expired. */
async function lapse(
  tx: Connection,
  record: Recorder,
  ctx: PersonCtx,
  { suggestion, hasMovedOn }: { suggestion: SuggestionRow; hasMovedOn: boolean },
): Promise<SuggestionRow> {
  const [closed] = await closePending(tx, ctx, ["id = any($1::uuid[])", [suggestion.id]], {
    status: hasMovedOn ? "superseded" : "expired",
    note: hasMovedOn ? "The task moved on before anybody decided." : "Nobody decided in time.",
  });
  if (!closed) throw new Error("A pending suggestion under its task's lock can be closed");
  recordSuggestion(record, { suggestion: closed, before: asPending(closed), action: closed.status });
  await settleSuggestions(tx, record, ctx, [closed]);
  return closed;
}

function tooLate(lapsed: SuggestionRow, task: TaskRow): Conflict {
  const data = { status: lapsed.status, taskStatus: task.status, taskRevision: task.revision };
  return lapsed.status === "expired"
    ? new Conflict("already_decided", "Nobody decided in time: this has just expired.", data)
    : new Conflict(
        "stale_revision",
        "The task moved on since this was suggested, so it was set aside. Look at the task.",
        data,
      );
}
