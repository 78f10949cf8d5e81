import type { Connection, Database } from "../../db/client.ts";
import { auditSeals } from "../../db/schema/index.ts";
import { auditRows, type ChainHead, chainHead, chainStart, type Seal, sealHash } from "../services/audit/chain.ts";

/** Any fixed number; one instance at a time adds to the chain. */
const sealerLock = 7_142_003;

/** A seal that does not fit names the rows it covers, so it covers few. */
const rowsPerSeal = 100;
/** Few: hashing holds up everything else in the process, some 40 ms for a thousand rows. */
const sealsPerTransaction = 5;

/** A number in the log, and a transaction id that every transaction with a lower number is below. */
interface Mark {
  seq: number;
  xid: bigint;
}

const marks = new WeakMap<Database, Mark>();

/**
 * Seals the audit rows that no late commit can come before any more. Numbers are handed out before the commit, so a row may
 * still appear below the highest one seen; but its transaction had its id before its number, hence below an id taken after
 * that sight. Once no transaction below that id runs, what is missing was rolled back. Answers with the new end of the
 * chain, or null when nothing was sealed.
 */
export async function sealAudit(db: Database): Promise<ChainHead | null> {
  const mark = marks.get(db) ?? (await takeMark(db));
  if (!mark) return null;
  marks.set(db, mark);
  if (!(await isFinal(db, mark))) return null;
  marks.delete(db);
  let head: ChainHead | null = null;
  for (;;) {
    const next = await db.transaction((tx) => sealThrough(tx, mark.seq));
    if (!next) return head;
    head = next;
  }
}

/** The order matters: the id is taken after the sight, in a statement of its own. */
async function takeMark(db: Database): Promise<Mark | null> {
  const [seen] = await db.query<{ seq: number | null }>("select max(seq) as seq from audit_logs");
  if (!seen?.seq) return null;
  const [taken] = await db.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
  if (!taken) throw new Error("A transaction has an id");
  return { seq: seen.seq, xid: BigInt(taken.xid) };
}

async function isFinal(db: Database, { xid }: Mark): Promise<boolean> {
  const [oldest] = await db.query<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin");
  return oldest !== undefined && BigInt(oldest.xmin) >= xid;
}

/** Adds seals up to this number, a transaction's worth; null when there is nothing left or another instance is at it. */
async function sealThrough(tx: Connection, through: number): Promise<ChainHead | null> {
  const [lock] = await tx.query<{ taken: boolean }>(`select pg_try_advisory_xact_lock(${sealerLock}) as taken`);
  if (!lock?.taken) return null;
  let head: ChainHead = (await chainHead(tx)) ?? { throughSeq: 0, hash: chainStart };
  const rows = await auditRows(tx, { after: head.throughSeq, through, limit: rowsPerSeal * sealsPerTransaction });
  const seals: Seal[] = [];
  for (let i = 0; i < rows.length; i += rowsPerSeal) {
    const covered = rows.slice(i, i + rowsPerSeal);
    const last = covered.at(-1);
    if (!last) break;
    const seal = { throughSeq: last.seq, rows: covered.length, hash: sealHash(head.hash, covered) };
    seals.push(seal);
    head = seal;
  }
  if (seals.length === 0) return null;
  await tx.orm.insert(auditSeals).values(seals);
  return { throughSeq: head.throughSeq, hash: head.hash };
}
