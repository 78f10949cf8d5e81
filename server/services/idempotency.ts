import { createHash } from "node:crypto";
import superjson, { type SuperJSONResult } from "superjson";
import type { Connection } from "../../db/client.ts";
import type { Actor, Ctx } from "./context.ts";
import { Conflict } from "./errors.ts";

export interface Idempotent {
  key: string;
  /** The procedure's name and its input: the same key with another body is refused. */
  body: unknown;
}

/** The request's own key, or the header's; undefined when the caller gave none. */
export function idempotent(
  ctx: Ctx,
  procedure: string,
  input: { idempotencyKey?: string | undefined },
): Idempotent | undefined {
  const key = input.idempotencyKey ?? ctx.idempotencyKey;
  return key ? { key, body: { procedure, ...input, idempotencyKey: undefined } } : undefined;
}

/** Runs `work` once per (actor, key), in the same transaction as its effect; a repeat gets the first answer. */
export async function once<Result>(
  tx: Connection,
  actor: Actor,
  { key, body }: Idempotent,
  work: () => Promise<Result>,
  onRepeat: () => void,
): Promise<Result> {
  const owner = `${actor.type}:${actor.id ?? ""}`;
  const hash = createHash("sha256").update(superjson.stringify(body)).digest("hex");
  const fresh = await tx.query(
    "insert into idempotency_keys (actor, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key",
    [owner, key, hash],
  );
  if (fresh.length > 0) {
    const result = await work();
    await tx.query("update idempotency_keys set response = $3::jsonb where actor = $1 and key = $2", [
      owner,
      key,
      JSON.stringify(superjson.serialize(result)),
    ]);
    return result;
  }
  const [first] = await tx.query<{ request_hash: string; response: SuperJSONResult }>(
    "select request_hash, response from idempotency_keys where actor = $1 and key = $2",
    [owner, key],
  );
  if (first?.request_hash !== hash) {
    throw new Conflict(
      "idempotency_mismatch",
      "This idempotency key was used before with other content. Send a new key for a new request.",
    );
  }
  onRepeat();
  return superjson.deserialize(first.response);
}
