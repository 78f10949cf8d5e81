import { z } from "zod";
import type { Connection, Database } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import { optional } from "../inputs.ts";
import { auditRows, type ChainHead, chainStart, type Seal, sealHash } from "./chain.ts";

/** The end of the chain as somebody wrote it down: its number and hash with a colon between. */
export const anchor = z
  .string()
  .trim()
  .regex(/^\d{1,15}:[0-9a-f]{64}$/i, "Give the number and the hash of an earlier result, as 4711:9f86…")
  .transform((text): ChainHead => {
    const [seq, hash = ""] = text.split(":");
    return { throughSeq: Number(seq), hash: hash.toLowerCase() };
  });

export const verifyAuditInput = z.object({ anchor: optional(anchor) }).prefault({});

export interface Verification {
  ok: boolean;
  /** Rows that were looked at under seals. */
  rows: number;
  /** The number of the last sealed row; null before the first seal. */
  sealedThrough: number | null;
  /** Rows too new to be sealed: append-only, but not yet provable. */
  unsealed: number;
  /**
   * The end of the chain. A chain cannot know that its own end was cut off: keep this outside the database and hand it in as
   * the anchor of a later verification.
   */
  head: ChainHead | null;
  /** The first seal that does not fit, the rows that it covers, and what is wrong in plain words. */
  firstBad?: { fromSeq: number; throughSeq: number; problem: string };
}

const sealsPerPage = 500;
const running = new WeakMap<Database, Promise<Verification>>();

/** Recomputes the whole chain. Who asks while it runs gets the same answer, so that asking often costs no more. */
export function verifyAuditLog(ctx: Ctx, input: z.output<typeof verifyAuditInput>): Promise<Verification> {
  if (input.anchor) return verifyAudit(ctx.db, input.anchor);
  const known = running.get(ctx.db);
  if (known) return known;
  const verification = verifyAudit(ctx.db).finally(() => running.delete(ctx.db));
  running.set(ctx.db, verification);
  return verification;
}

/** Recomputes the chain page by page; stops at the first seal that does not fit. */
export async function verifyAudit(db: Connection, anchor?: ChainHead): Promise<Verification> {
  let head: ChainHead = { throughSeq: 0, hash: chainStart };
  let rows = 0;
  let isAnchored = anchor === undefined;
  for (let seals = await sealsAfter(db, 0); seals.length > 0; seals = await sealsAfter(db, head.throughSeq)) {
    for (const seal of seals) {
      const problem = await problemOf(db, head, seal);
      if (problem) {
        const firstBad = { fromSeq: head.throughSeq + 1, throughSeq: seal.throughSeq, problem };
        return result(db, { ok: false, rows, head, firstBad });
      }
      rows += seal.rows;
      head = { throughSeq: seal.throughSeq, hash: seal.hash };
      isAnchored ||= head.throughSeq === anchor?.throughSeq && head.hash === anchor.hash;
    }
  }
  if (isAnchored) return result(db, { ok: true, rows, head });
  const problem = "The anchor is not part of the chain: its end was cut off, or it was built anew.";
  const firstBad = { fromSeq: anchor?.throughSeq ?? 0, throughSeq: anchor?.throughSeq ?? 0, problem };
  return result(db, { ok: false, rows, head, firstBad });
}

function sealsAfter(db: Connection, seq: number): Promise<Seal[]> {
  return db.query<Seal>(
    `select through_seq as "throughSeq", rows, hash from audit_seals where through_seq > $1
     order by through_seq limit ${sealsPerPage}`,
    [seq],
  );
}

async function problemOf(db: Connection, previous: ChainHead, seal: Seal): Promise<string | null> {
  // One more than sealed is enough to see that there are too many.
  const range = { after: previous.throughSeq, through: seal.throughSeq, limit: seal.rows + 1 };
  const covered = await auditRows(db, range);
  if (covered.length < seal.rows)
    return `${seal.rows} rows were sealed, ${covered.length} are there: rows were deleted.`;
  if (covered.length > seal.rows) return `${seal.rows} rows were sealed, more are there: rows were added.`;
  if (sealHash(previous.hash, covered) === seal.hash) return null;
  return "The rows are not the ones that were sealed: one was changed, or the seal itself was.";
}

async function result(
  db: Connection,
  { head, ...found }: Pick<Verification, "ok" | "rows" | "firstBad"> & { head: ChainHead },
): Promise<Verification> {
  const [rest] = await db.query<{ n: number }>(
    `select count(*)::int as n from audit_logs
     where seq > coalesce((select max(through_seq) from audit_seals), 0)`,
  );
  const isSealed = head.throughSeq > 0;
  return {
    ...found,
    sealedThrough: isSealed ? head.throughSeq : null,
    unsealed: rest?.n ?? 0,
    head: isSealed ? head : null,
  };
}
