import type { Refusal } from "~/context.d.ts";

/** What an action refused, if it did. (Remix's type of an answer loses the fields that may hold anything.) */
export function refusalOf(answer: { ok: boolean } | undefined): Refusal | undefined {
  return answer && !answer.ok ? (answer as Refusal) : undefined;
}
