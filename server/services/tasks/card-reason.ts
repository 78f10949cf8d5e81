import type { Connection } from "../../../db/client.ts";
import type { TaskCard } from "./card.ts";
import { explainOpen } from "./explain.ts";
import { readFacts } from "./explain-facts.ts";
import type { Reason } from "./reason.ts";

/** What a card says of its task: the first reason, and of its data the times. */
export type CardReason = Omit<Reason, "data"> & { times: Date[] };

/** A card of the board. */
export type BoardCard = TaskCard & {
  /** Why it is where it is; null once it has ended. */
  reason: CardReason | null;
};

/** Gives each card the first of the reasons that `tasks.explain` gives: two statements for all of them. */
export async function withReasons(db: Connection, cards: TaskCard[]): Promise<BoardCard[]> {
  const open = cards.filter(({ status }) => status === "pending" || status === "in_progress");
  const facts = open.length > 0 ? await readFacts(db, open) : [];
  const reasons = new Map(facts.map((one) => [one.task.id, firstOf(explainOpen(one).reasons)]));
  return cards.map((card) => ({ ...card, reason: reasons.get(card.id) ?? null }));
}

/** That it is ready is worth less than until when. */
function firstOf(reasons: Reason[]): CardReason | null {
  const first = reasons.find(({ code }) => code !== "ready") ?? reasons[0];
  if (!first) return null;
  const { data, ...reason } = first;
  return { ...reason, times: Object.values(data).filter((value) => value instanceof Date) };
}
