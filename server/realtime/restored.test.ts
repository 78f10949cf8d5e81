import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/client.ts";
import { testDatabase } from "../../db/testing.ts";
import { testOnPostgres } from "../../tests/support/only.ts";
import { memoryBus } from "./bus.ts";
import { epochOf } from "./epoch.ts";
import { openLog } from "./event-log.ts";
import { connected, seqs, writeEvent } from "./testing.ts";

let db: Awaited<ReturnType<typeof testDatabase>>;
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  db = await testDatabase();
  cleanups.push(db.close);
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function opened() {
  const bus = memoryBus();
  const errors: string[] = [];
  const log = await openLog({ db, bus, onHeard: () => {}, onError: (error) => void errors.push(String(error)) });
  const stop = new AbortController();
  cleanups.push(log.close, async () => stop.abort());
  const announce = async () => {
    const event = await writeEvent(db);
    bus.publish([event]);
    return event.seq;
  };
  return {
    log,
    errors,
    announce,
    stream: (cursor?: string) => connected(log.stream({ lastEventId: cursor }, stop.signal)),
  };
}

/** As a restored backup leaves it: made anew, with what was in it up to this number. */
async function restore(last: number): Promise<void> {
  await db.query("alter table events rename to events_before");
  await db.query("create table events (like events_before including all)");
  await db.query("insert into events overriding system value select * from events_before where seq <= $1", [last]);
  await db.query("drop table events_before");
  await db.query("select setval(pg_get_serial_sequence('events', 'seq'), $1::bigint + 1, false)", [last]);
}

test("a process that stays up tells everybody to load anew when older rows come back, and goes on from there", async () => {
  const { log, errors, announce, stream } = await opened();
  const kept = await announce();
  for (let i = 0; i < 5; i++) await announce();
  const { next } = await stream();
  // What nobody announced is found by a look, which has seen the numbers before it as well.
  const { seq } = await writeEvent(db);
  expect(await next()).toMatchObject({ seq });
  const cursor = await log.cursor();
  await db.query("delete from events where seq > $1", [kept]);
  await db.query("select setval(pg_get_serial_sequence('events', 'seq'), $1)", [kept]);
  expect(await next()).toMatchObject({ type: "reset" });
  const now = await announce();
  expect(await next()).toMatchObject({ seq: now, prev: null });
  const resumed = await stream(cursor);
  expect(await resumed.next()).toMatchObject({ type: "reset" });
  expect(errors).toEqual([expect.stringContaining("another one than before")]);
});

test("a restored table is another log: its numbers may have come further, and still no cursor from before is good", async () => {
  const { log, announce, stream } = await opened();
  const kept = await announce();
  await announce();
  const cursor = await log.cursor();
  const { next } = await stream();
  await restore(kept);
  for (let i = 0; i < 5; i++) await writeEvent(db);
  expect(await next()).toMatchObject({ type: "reset" });
  expect((await log.cursor()).split(".")[0]).not.toBe(cursor.split(".")[0]);
  const resumed = await stream(cursor);
  expect(await resumed.next()).toMatchObject({ type: "reset" });
  const now = await announce();
  expect(seqs([(await next()) ?? { type: "reset", id: "" }])).toEqual([now]);
});

test("a process that starts on a restored table does not take cursors from before", async () => {
  const before = await opened();
  const kept = await before.announce();
  const cursor = await before.log.cursor();
  await before.log.close();
  await restore(kept);
  const after = await opened();
  await after.announce();
  const { next } = await after.stream(cursor);
  expect(await next()).toMatchObject({ type: "reset" });
});

test("the name of a log stays the same for as long as the log does", async () => {
  const name = await epochOf(db);
  expect(name).toMatch(/^[0-9a-f]{8}$/);
  await writeEvent(db);
  expect(await epochOf(db)).toBe(name);
});

testOnPostgres("a role that may read nothing of the server can name the log as well", async () => {
  const role = `wf_test_${crypto.randomUUID().slice(0, 8)}`;
  await db.query(`create role ${role} login`);
  await db.query(`grant select on events, settings to ${role}`);
  const url = Object.assign(new URL(db.url ?? ""), { username: role }).href;
  const open = async (): Promise<Database> => {
    const limited = await openDatabase({ url, poolSize: 2 });
    cleanups.push(limited.close);
    return limited;
  };
  cleanups.push(async () => {
    await db.query(`drop owned by ${role}`);
    await db.query(`drop role ${role}`);
  });
  expect(await epochOf(await open())).toBe(await epochOf(db));
  for (const read of ["pg_control_system()", "pg_walfile_name(pg_lsn)"]) {
    await db.query(`revoke execute on function ${read} from public`);
  }
  const name = await epochOf(await open());
  expect(name).toMatch(/^[0-9a-f]{8}$/);
  await restore(0);
  await db.query(`grant select on events to ${role}`);
  expect(await epochOf(await open())).not.toBe(name);
});
