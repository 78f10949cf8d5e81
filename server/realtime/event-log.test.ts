import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { testDatabase } from "../../db/testing.ts";
import { type Bus, memoryBus } from "./bus.ts";
import { type OpenLog, openLog } from "./event-log.ts";
import type { StreamFilter } from "./log.ts";
import { afterWrite, connected, seqs, writeEvent } from "./testing.ts";

let db: Awaited<ReturnType<typeof testDatabase>>;
let bus: Bus;
let log: OpenLog;
const until = new AbortController();
const stream = (filter: StreamFilter = {}) => log.stream(filter, until.signal);
/** What this process has heard of. */
const heard: number[] = [];
const open = () =>
  openLog({
    db,
    bus,
    onHeard: ({ seq }) => void heard.push(seq),
    onError: (error) => {
      throw error;
    },
  });

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  until.abort();
  await log.close();
  await db.close();
});
beforeEach(async () => {
  await log?.close();
  bus = memoryBus();
  log = await open();
});

/** Writes, and announces like a mutation does after its commit. */
async function announce(options?: Parameters<typeof writeEvent>[1]) {
  const event = await writeEvent(db, options);
  bus.publish([event]);
  return event;
}

describe("a stream", () => {
  test("says first that it is connected, then brings what is announced, each naming the one before it", async () => {
    const { first, next, leave } = await connected(stream());
    expect(first).toMatchObject({ type: "connected", id: await log.cursor() });
    const one = await announce();
    const two = await announce();
    expect(await next()).toMatchObject({ seq: one.seq, prev: null, revision: 1 });
    expect(await next()).toMatchObject({ seq: two.seq, prev: one.seq, id: await log.cursor() });
    await leave();
    expect(log.position().subscribers).toBe(0);
  });

  test("says to whom asks, once and behind what was missed, that this was all", async () => {
    const cursor = await log.cursor();
    const missed = [];
    for (let i = 0; i < 120; i++) missed.push(await announce());
    const { first, take, next, leave } = await connected(stream({ lastEventId: cursor, caughtUp: true }));
    expect(first).toEqual({ type: "connected", id: cursor, through: expect.any(Number) });
    expect(seqs(await take(120))).toEqual(missed.map(({ seq }) => seq));
    const now = await log.cursor();
    expect(await next()).toEqual({ type: "connected", id: now, through: missed.at(-1)?.seq ?? 0, caughtUp: true });
    const news = await announce();
    expect(await next()).toMatchObject({ seq: news.seq });
    await leave();
  });

  test("finds in the table what the bus has lost", async () => {
    const { take } = await connected(stream());
    const lost = await writeEvent(db);
    const heard = await announce();
    expect(seqs(await take(2))).toEqual([lost.seq, heard.seq]);
  });

  test("tells of an event once, and at once although one before it is still to come", async () => {
    const { take } = await connected(stream());
    const lost = await writeEvent(db);
    const early = await announce();
    expect(heard).toContain(early.seq);
    expect(heard).not.toContain(lost.seq);
    expect(seqs(await take(2))).toEqual([lost.seq, early.seq]);
    expect(heard.filter((seq) => seq >= lost.seq)).toEqual([early.seq, lost.seq]);
  });

  test("finds in the table what the bus never announced, after a second of silence", async () => {
    const { take } = await connected(stream());
    const lost = await writeEvent(db);
    expect(seqs(await take(1))).toEqual([lost.seq]);
  });

  test("resumes from a cursor without a gap into what is live", async () => {
    const cursor = await log.cursor();
    const missed = [await announce(), await announce()];
    const { first, take } = await connected(stream({ lastEventId: cursor }));
    expect(first).toMatchObject({ type: "connected", id: cursor, through: missed[1]?.seq });
    const live = await announce();
    expect(seqs(await take(3))).toEqual([...missed, live].map(({ seq }) => seq));
  });

  test("resumes from a cursor that another instance, further ahead, gave out", async () => {
    await writeEvent(db);
    const ahead = await open();
    const cursor = await ahead.cursor();
    expect(cursor).not.toBe(await log.cursor());
    const { first, next } = await connected(stream({ lastEventId: cursor }));
    expect(first).toMatchObject({ type: "connected", id: cursor });
    const live = await announce();
    expect(await next()).toMatchObject({ seq: live.seq });
    await ahead.close();
  });

  test("brings only what its filter asks for", async () => {
    const cursor = await log.cursor();
    const mine = await announce();
    await announce({ type: "agent_update", channel: "agents" });
    const { take } = await connected(stream({ channels: ["tasks"], taskId: mine.entityId, lastEventId: cursor }));
    await announce();
    const again = await announce({ entityId: mine.entityId, revision: 2 });
    expect(seqs(await take(2))).toEqual([mine.seq, again.seq]);
  });

  test.each([
    ["of another log", async () => "00000000.1"],
    ["ahead of the log", async () => `${(await log.cursor()).split(".")[0]}.999999999`],
    ["that is no cursor", async () => "1; drop table"],
  ])("tells a client with a cursor %s to load everything anew, and goes on from now", async (_what, cursorOf) => {
    const { first, next } = await connected(stream({ lastEventId: await cursorOf() }));
    const now = await announce();
    expect(first?.type).toBe("connected");
    expect(await next()).toMatchObject({ type: "reset" });
    expect(await next()).toMatchObject({ seq: now.seq });
  });

  test("tells a client whose events are no longer kept to load everything anew", async () => {
    const cursor = await log.cursor();
    await announce();
    const kept = await announce();
    await db.query("delete from events where seq < $1", [kept.seq]);
    const { next } = await connected(stream({ lastEventId: cursor }));
    expect(await next()).toMatchObject({ type: "reset" });
  });

  test("brings whoever is far behind everything from the table, in order", async () => {
    const cursor = await log.cursor();
    const { next, take } = await connected(stream());
    const written: number[] = [];
    for (let i = 0; i < 700; i++) written.push((await announce()).seq);
    expect(seqs(await take(700))).toEqual(written);
    const again = await connected(stream({ lastEventId: cursor }));
    expect(seqs(await again.take(700))).toEqual(written);
    const live = await announce();
    expect(await next()).toMatchObject({ seq: live.seq, prev: written.at(-1) });
    expect(await again.next()).toMatchObject({ seq: live.seq, prev: written.at(-1) });
  });

  test("tells a client that is more than 50,000 numbers behind to load everything anew", async () => {
    const [epoch = ""] = (await log.cursor()).split(".");
    await db.query(
      `${afterWrite}
       insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
       select 'task_update', 'tasks', gen_random_uuid(), 1, 'system', 'Test', '{"json":{}}'
       from written, generate_series(1, 50001) where id is not null`,
    );
    const { seq: last } = await writeEvent(db);
    const late = await open();
    const away = await connected(late.stream({ lastEventId: `${epoch}.${last - 50_001}` }, until.signal));
    expect(await away.next()).toMatchObject({ type: "reset" });
    const near = await connected(late.stream({ lastEventId: `${epoch}.${last - 50_000}` }, until.signal));
    expect(await near.next()).toMatchObject({ seq: last - 49_999 });
    await late.close();
  });

  test("that nobody takes from any more ends with its signal, however much waits in it", async () => {
    const leaving = new AbortController();
    await connected(log.stream({}, leaving.signal));
    const { take, leave } = await connected(stream());
    const written: number[] = [];
    for (let i = 0; i < 150; i++) written.push((await announce()).seq);
    expect(log.position().subscribers).toBe(2);
    leaving.abort();
    expect(log.position().subscribers).toBe(1);
    expect(seqs(await take(150))).toEqual(written);
    await leave();
  });

  test("ends when the log closes", async () => {
    const { take } = await connected(stream());
    await log.close();
    expect(await take(1)).toEqual([]);
  });
});
