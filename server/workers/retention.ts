import type { Connection } from "../../db/client.ts";

const idempotencyKeyDays = 7;

/** Drops what is no longer needed: events beyond those kept for resuming, idempotency keys past their time, dead sign-ins. */
export async function prune(db: Connection, eventRetention: number): Promise<void> {
  await db.query("delete from events where seq <= (select max(seq) from events) - $1::bigint", [eventRetention]);
  await db.query(`delete from idempotency_keys where created_at < now() - interval '${idempotencyKeyDays} days'`);
  await db.query("delete from verifications where expires_at < now()");
}
