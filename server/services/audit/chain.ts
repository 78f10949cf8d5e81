import { createHash } from "node:crypto";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AuditRow } from "./list.ts";

/** What the first seal builds on. */
export const chainStart = "0".repeat(64);

/** SHA-256 over the seal before and each row's canonical JSON in order of seq, a line each; hex. */
export function sealHash(previous: string, rows: AuditRow[]): string {
  const hash = createHash("sha256").update(previous);
  for (const row of rows) hash.update(`\n${canonicalJson(row)}`);
  return hash.digest("hex");
}

/** JSON with sorted keys and times as ISO, so that the same row gives the same text everywhere. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The rows after `after` up to and with `through`, oldest first. */
export async function auditRows(
  db: Connection,
  { after, through, limit }: { after: number; through: number; limit: number },
): Promise<AuditRow[]> {
  const rows = await db.query<object>("select * from audit_logs where seq > $1 and seq <= $2 order by seq limit $3", [
    after,
    through,
    limit,
  ]);
  return rows.map((row) => camelCased<AuditRow>(row));
}

export interface Seal {
  throughSeq: number;
  rows: number;
  hash: string;
}

/** Where the chain ends; keep it outside the database to notice a cut tail. */
export type ChainHead = Pick<Seal, "throughSeq" | "hash">;

export async function chainHead(db: Connection): Promise<ChainHead | null> {
  const [head] = await db.query<ChainHead>(
    `select through_seq as "throughSeq", hash from audit_seals order by through_seq desc limit 1`,
  );
  return head ?? null;
}
