import type { TaskCardRow } from "./api-types.ts";
import { exactTime, plural } from "./format.ts";

export type CardReason = NonNullable<TaskCardRow["reason"]>;

/** What holds nothing up: said more quietly than a reason to wait. */
const calm = new Set<string>(["leased", "taken", "ready", "queue_time_out"]);
export const isCalm = ({ code }: CardReason) => calm.has(code);

/** The reason that the card came with, as long as it holds; then what is left to be known from its row. */
export function reasonNow(card: TaskCardRow, now: number): CardReason | null {
  const { reason } = card;
  return reason?.until && reason.until.getTime() <= now ? reasonOfRow(card, now) : reason;
}

const restsOn = [
  "status",
  "ready",
  "unmetDependencies",
  "pendingSuggestions",
  "queueAfter",
  "queueExpiresAt",
  "attempt",
  "maxAttempts",
  "currentRunId",
  "agentId",
  "assignedAgentId",
  "takenById",
  "requiredCapabilities",
] as const satisfies (keyof TaskCardRow)[];

/** Whether nothing that the server's reason came from has changed between these two states of a card. */
export const isReasonKept = (before: TaskCardRow, after: Pick<TaskCardRow, (typeof restsOn)[number]>) =>
  restsOn.every((name) => JSON.stringify(before[name]) === JSON.stringify(after[name]));

/**
 * What a row alone tells, until the server says more: in the server's words, without the names and times that it lacks.
 * Null when nothing in it keeps the task from moving.
 */
export function reasonOfRow(card: Omit<TaskCardRow, "reason">, now: number): CardReason | null {
  if (card.pendingSuggestions > 0) {
    const what = card.pendingSuggestions === 1 ? "a decision" : plural(card.pendingSuggestions, "decision");
    return said("decision", `Waits for ${what}.`);
  }
  if (card.status === "pending") return pendingReason(card, now);
  return card.status === "in_progress" ? holderOf(card) : null;
}

const said = (code: CardReason["code"], sentence: string, until?: Date): CardReason =>
  until ? { code, sentence, until, times: [until] } : { code, sentence, times: [] };

function holderOf(card: Omit<TaskCardRow, "reason">): CardReason {
  const tries = `(attempt ${card.attempt} of ${card.maxAttempts})`;
  if (card.currentRunId) return said("leased", `${card.agentName ?? "An agent"} works on it ${tries}.`);
  if (card.takenById) return said("taken", `${card.takenByName ?? "Somebody"} took it by hand. Agents leave it alone.`);
  return said("unheld", "It is in progress, but nobody holds it. Move it to Pending so that an agent can claim it.");
}

function pendingReason(card: Omit<TaskCardRow, "reason">, now: number): CardReason | null {
  const { unmetDependencies, waitsFor, queueAfter, queueExpiresAt } = card;
  if (unmetDependencies > 0) {
    const first = waitsFor ?? "another task";
    const what =
      unmetDependencies === 1 ? `: ${first}` : ` ${unmetDependencies} tasks${waitsFor ? `, first: ${first}` : ""}`;
    return said("dependency", `Waits for${what}`);
  }
  // Nothing else keeps it from being ready.
  if (!card.ready) return said("workflow_not_running", "Its workflow does not run.");
  if (queueAfter && queueAfter.getTime() > now) {
    const tries = `(attempt ${card.attempt + 1} of ${card.maxAttempts})`;
    return said("back_off", `Next try at ${exactTime(queueAfter)} ${tries}.`, queueAfter);
  }
  if (!queueExpiresAt || queueExpiresAt.getTime() <= now) return null;
  const sentence = `It fails at ${exactTime(queueExpiresAt)} unless an agent takes it before.`;
  return said("queue_time_out", sentence, queueExpiresAt);
}
