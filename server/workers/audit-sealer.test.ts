import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Connection } from "../../db/client.ts";
import { testOnPostgres } from "../../tests/support/only.ts";
import type { ChainHead } from "../services/audit/chain.ts";
import { listAudit } from "../services/audit/list.ts";
import { type Verification, verifyAudit } from "../services/audit/verify.ts";
import { mutate } from "../services/mutate.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { sealAudit } from "./audit-sealer.ts";

let host: TestHost;
/** Ten rows, a number that was rolled back, five rows more. */
let early: ChainHead;
let late: ChainHead;

beforeAll(async () => {
  host = await testHost();
  expect(await verifyAudit(host.db)).toEqual({ ok: true, rows: 0, sealedThrough: null, unsealed: 0, head: null });
  await change(10);
  expect(await verifyAudit(host.db)).toMatchObject({ ok: true, rows: 0, unsealed: 10 });
  early = await seal();
  await rollBack((tx) => insertRow(tx, 11));
  await host.db.query("select setval(pg_get_serial_sequence('audit_logs', 'seq'), 11)");
  await change(5);
  late = await seal();
});
afterAll(() => host.close());

/** So many changes of a made-up agent, each with an audit row. */
async function change(times: number) {
  await mutate(await host.person(), async (_tx, record) => {
    for (let i = 1; i <= times; i++) {
      const [before, after] = [{ version: `${i - 1}` }, { version: `${i}`, note: { b: 1, a: "ü" } }];
      const id = Bun.randomUUIDv7();
      record({ event: null, entity: "agent", action: "updated", id, revision: i, before, after, label: `Change ${i}` });
    }
  });
}

/** Seals all there is; a transaction of another test on the same server may hold the first attempts up. */
async function seal(): Promise<ChainHead> {
  for (;;) {
    const head = await sealAudit(host.db);
    if (head) return head;
  }
}

async function rollBack(work: (tx: Connection) => Promise<unknown>) {
  const undone = host.db.transaction(async (tx) => {
    await work(tx);
    throw new Error("Rolled back");
  });
  await expect(undone).rejects.toThrow("Rolled back");
}

const insertRow = (tx: Connection, seq: number) =>
  tx.query(
    `insert into audit_logs (seq, entity_type, revision, action, actor_type, actor_name, changes)
     overriding system value values ($1, 'agent', 1, 'updated', 'person', 'Test operator', '{}')`,
    [seq],
  );

/** What verification says after somebody with the rights of the database's owner did this; it is undone afterwards. */
async function verifyAfter(statements: string[], anchor?: ChainHead): Promise<Verification> {
  let found: Verification | undefined;
  await rollBack(async (tx) => {
    for (const table of ["audit_logs", "audit_seals"]) await tx.query(`alter table ${table} disable trigger user`);
    for (const statement of statements) await tx.query(statement);
    found = await verifyAudit(tx, anchor);
  });
  if (!found) throw new Error("Nothing was verified");
  return found;
}

const all = `entity_type, entity_id, revision, entity_label, action, actor_type, actor_id, actor_name, changes, request_id, created_at`;
const forgeries: Record<string, { problem: string; statements: string[] }> = {
  "an edited row": {
    problem: "changed",
    statements: ["update audit_logs set actor_name = 'Somebody else' where seq = 7"],
  },
  "an edited change": {
    problem: "changed",
    statements: [`update audit_logs set changes = '{"version": {"before": "6", "after": "8"}}' where seq = 7`],
  },
  "a moved time": {
    problem: "changed",
    statements: ["update audit_logs set created_at = created_at - interval '1 millisecond' where seq = 7"],
  },
  "a deleted row": { problem: "deleted", statements: ["delete from audit_logs where seq = 7"] },
  "a deleted last row": { problem: "deleted", statements: ["delete from audit_logs where seq = 10"] },
  "two swapped rows": {
    problem: "changed",
    statements: [
      "create temp table swapped as select * from audit_logs where seq in (7, 8)",
      "delete from audit_logs where seq in (7, 8)",
      `insert into audit_logs (seq, ${all}) overriding system value select 15 - seq, ${all} from swapped`,
    ],
  },
  "an edited seal": {
    problem: "changed",
    statements: ["update audit_seals set hash = repeat('a', 64) where through_seq = 10"],
  },
  "a deleted seal": { problem: "added", statements: ["delete from audit_seals where through_seq = 10"] },
};

for (const [name, { problem, statements }] of Object.entries(forgeries)) {
  test(`verification finds ${name}`, async () => {
    const found = await verifyAfter(statements);
    expect(found).toMatchObject({ ok: false, firstBad: { fromSeq: 1 } });
    expect(found.firstBad?.problem).toContain(problem);
  });
}

test("verification finds a row inserted where a number was free", async () => {
  const found = await verifyAfter([
    `insert into audit_logs (seq, ${all}) overriding system value select 11, ${all} from audit_logs where seq = 10`,
  ]);
  expect(found.firstBad).toMatchObject({ fromSeq: 11, throughSeq: 16 });
  expect(found.firstBad?.problem).toContain("added");
});

test("a cut tail is found only with an anchor kept elsewhere", async () => {
  const cut = ["delete from audit_logs where seq > 10", "delete from audit_seals where through_seq > 10"];
  expect(await verifyAudit(host.db, early)).toMatchObject({ ok: true });
  expect(await verifyAudit(host.db, late)).toMatchObject({ ok: true });
  expect(await verifyAfter(cut)).toMatchObject({ ok: true, sealedThrough: 10 });
  expect(await verifyAfter(cut, early)).toMatchObject({ ok: true });
  expect((await verifyAfter(cut, late)).firstBad?.problem).toContain("cut off");
});

test("the database refuses to change the log or its seals", async () => {
  for (const table of ["audit_logs", "audit_seals"]) {
    await expect(host.db.query(`delete from ${table}`)).rejects.toThrow("append-only");
    await expect(host.db.query(`truncate ${table}`)).rejects.toThrow("append-only");
  }
  await expect(host.db.query("update audit_logs set actor_name = 'Nobody'")).rejects.toThrow("append-only");
});

test("the log is filtered and paged, newest first", async () => {
  const ctx = await host.person();
  const first = await listAudit(ctx, { limit: 3, entityType: "agent", action: "updated", actorId: ctx.actor.id });
  expect(first.items.map((row) => row.seq)).toEqual([16, 15, 14]);
  const second = await listAudit(ctx, { limit: 3, cursor: first.nextCursor });
  expect(second.items.map((row) => row.seq)).toEqual([13, 12, 10]);
  expect((await listAudit(ctx, { limit: 3, entityType: "task" })).items).toEqual([]);
  const [row] = second.items.slice(-1);
  const before = await listAudit(ctx, { limit: 50, to: row?.createdAt });
  expect(before.items).toEqual([]);
});

test("many rows take many seals, so that a bad one is told apart within a hundred rows", async () => {
  await change(250);
  const head = await seal();
  expect(await verifyAudit(host.db)).toEqual({ ok: true, rows: 265, sealedThrough: 266, unsealed: 0, head });
  const seals = await host.db.query<{ rows: number }>("select rows from audit_seals order by through_seq");
  expect(seals.map((one) => one.rows)).toEqual([10, 5, 100, 100, 50]);
  expect(await sealAudit(host.db)).toBeNull();
});

// Needs two connections, so it runs where there is a server; PGlite has one session and commits in order.
testOnPostgres("a row that commits late is waited for, not skipped", async () => {
  const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
  const { promise: isNumbered, resolve: numbered } = Promise.withResolvers<void>();
  const slow = host.db.transaction(async (tx) => {
    await tx.query("select pg_current_xact_id()");
    await insertRow(tx, 267);
    numbered();
    await mayCommit;
  });
  await isNumbered;
  await host.db.query("select setval(pg_get_serial_sequence('audit_logs', 'seq'), 267)");
  await change(2);
  expect(await sealAudit(host.db)).toBeNull();
  commit();
  await slow;
  expect(await seal()).toMatchObject({ throughSeq: 269 });
  expect(await verifyAudit(host.db)).toMatchObject({ ok: true, rows: 268, unsealed: 0 });
});
