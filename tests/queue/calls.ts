import type { AgentActor, AgentCtx, Host, PersonActor, PersonCtx } from "../../server/services/context.ts";
import { Conflict, DomainError, Forbidden, Invalid, NotFound } from "../../server/services/errors.ts";
import type { Facts } from "./facts.ts";
import { Mismatch, type Model } from "./model.ts";

/** One call to the product, bound to what it names, so that it can be sent late, twice, or to another server. */
export interface Call {
  /** For people who read a failure. */
  says: string;
  send(host: Host): Promise<unknown>;
  /** Changes the model as the product should change its tables; says "accepted" or why it is refused. */
  play(model: Model, heard: Heard): string;
}

/** What was heard of a call: nothing at all if its server went down. */
export interface Heard {
  said?: string;
  value?: unknown;
  /** The tables after this step: they tell which of several right outcomes it was. */
  facts: Facts;
  /** Nothing else was under way, so there is one right outcome. */
  isAlone: boolean;
}

export function same(what: string, actual: unknown, expected: unknown): void {
  if (Bun.deepEquals(actual, expected)) return;
  throw new Mismatch(`${what}: the product says ${JSON.stringify(actual)}, the model ${JSON.stringify(expected)}`);
}

/** The answer to a call; the reason, if it was refused. Anything but a refusal is a fault. */
export async function answerOf(work: Promise<unknown>): Promise<{ said: string; value?: unknown }> {
  try {
    return { said: "accepted", value: await work };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error instanceof Conflict) return { said: error.reason };
    if (error instanceof NotFound) return { said: "not_found" };
    if (error instanceof Invalid) return { said: "invalid" };
    if (error instanceof Forbidden) return { said: "forbidden" };
    throw error;
  }
}

export const asAgent = (host: Host, actor: AgentActor): AgentCtx => ({ ...host, actor, requestId: "model" });
export const asPerson = (host: Host, actor: PersonActor): PersonCtx => ({ ...host, actor, requestId: "model" });

/** The effect of a key: the first answer again for the same words, a refusal for others; undefined for a new key. */
export function repeated(model: Model, who: string, { key, body }: { key: string | undefined; body: unknown }) {
  const first = key === undefined ? undefined : model.keys.get(`${who} ${key}`);
  if (!first) return undefined;
  return first.body === JSON.stringify(body)
    ? { said: "accepted", id: first.id }
    : { said: "idempotency_mismatch", id: "" };
}

export function remember(
  model: Model,
  who: string,
  made: { key: string | undefined; body: unknown; id: string },
): void {
  if (made.key === undefined) return;
  model.keys.set(`${who} ${made.key}`, { body: JSON.stringify(made.body), id: made.id });
}
