import type { Refusal } from "~/context.d.ts";

/** What an action refused, if it did. (Remix's type of an answer loses the fields that may hold anything.) */
export function refusalOf(answer: { ok: boolean } | undefined): Refusal | undefined {
  return answer && !answer.ok ? (answer as Refusal) : undefined;
}

const overridden = new Set(["stale_revision", "has_live_run"]);

/** Whether saying it again, knowing what is in the way, will do it. */
export const canBeForced = ({ reason, data }: Refusal) =>
  overridden.has(reason ?? "") || (reason === "invalid_transition" && data?.unmetDependencies !== undefined);
