import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testDatabase } from "../../db/testing.ts";
import { testOnPostgres } from "../../tests/support/only.ts";
import { until } from "../../tests/support/until.ts";
import { eventTable } from "./event-table.ts";
import type { StoredEvent } from "./events.ts";
import { Reader } from "./reader.ts";
import { afterWrite, storedSeqs, writeEvent } from "./testing.ts";

let db: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

class RolledBack extends Error {}

/** Looks until no gap is open; other databases of the same server may have older transactions running. */
const noGaps = (reader: Reader) =>
  until("dead gaps", async () => {
    await reader.look();
    return reader.gaps.size === 0;
  });

/** Twenty writers at once: some hold their commit back, some roll back after they took a number. */
async function writeInDisorder(perWriter: number): Promise<void> {
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    const entityId = crypto.randomUUID();
    for (let i = 0; i < perWriter; i++) {
      const turn = writer * 7 + i * 3;
      await db
        .transaction(async (tx) => {
          await writeEvent(tx, { entityId, revision: i + 1 });
          if (turn % 4 === 0) await tx.query("select pg_sleep($1)", [(turn % 5) / 200]);
          if (turn % 6 === 0) throw new RolledBack();
        })
        .catch((error) => {
          if (!(error instanceof RolledBack)) throw error;
        });
    }
  });
  await Promise.all(writers);
}

/** Reads all the while the work goes on, and until nothing is open any more. */
async function readWhile(work: Promise<void>, look: () => Promise<unknown>, isSettled: () => boolean): Promise<void> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) await look();
  await done;
  await look();
  while (!isSettled()) await look();
}

interface TestReader {
  seen: number[];
  look(): Promise<unknown>;
  isSettled(): boolean;
}

/** What most outboxes do. */
function naiveReader() {
  const seen: number[] = [];
  let last = 0;
  const look = async () => {
    for (const { seq } of await db.query<{ seq: number }>("select seq from events where seq > $1 order by seq", [
      last,
    ])) {
      seen.push(seq);
      last = seq;
    }
  };
  return { seen, look, isSettled: () => true };
}

async function gapReader() {
  const seen: number[] = [];
  const revisions = new Map<string, number>();
  const reader = await Reader.start(eventTable(db), ({ seq, entityId, revision }) => {
    seen.push(seq);
    expect(revision).toBeGreaterThan(revisions.get(entityId) ?? 0);
    revisions.set(entityId, revision);
  });
  return { seen, look: () => reader.look(), isSettled: () => reader.gaps.size === 0 };
}

async function missedBy({ seen, look, isSettled }: TestReader): Promise<number> {
  const before = new Set(await storedSeqs(db));
  await readWhile(writeInDisorder(15), look, isSettled);
  expect(new Set(seen).size).toBe(seen.length);
  const got = new Set(seen);
  return (await storedSeqs(db)).filter((seq) => !before.has(seq) && !got.has(seq)).length;
}

describe("with transactions that commit out of order and some that roll back", () => {
  test("the reader misses none, reads none twice and keeps the order of each entity", async () => {
    expect(await missedBy(await gapReader())).toBe(0);
  });

  // The embedded database runs one transaction at a time, so there the naive way happens to work.
  testOnPostgres("a reader of `seq > last` misses some, so the test can tell", async () => {
    expect(await missedBy(naiveReader())).toBeGreaterThan(0);
  });
});

test("events that come from the bus in the wrong order are delivered in the right one", async () => {
  const delivered: StoredEvent[] = [];
  const reader = await Reader.start(eventTable(db), (event) => delivered.push(event));
  await noGaps(reader);
  const entityId = crypto.randomUUID();
  const first = await writeEvent(db, { entityId, revision: 1 });
  const second = await writeEvent(db, { entityId, revision: 2 });
  expect(reader.offer([second])).toBe(true);
  expect(delivered).toEqual([]);
  expect(reader.offer([first])).toBe(false);
  expect(delivered.map(({ revision }) => revision)).toEqual([1, 2]);
});

test("what both the bus and the table bring is delivered once", async () => {
  const delivered: number[] = [];
  const reader = await Reader.start(eventTable(db), (event) => delivered.push(event.seq));
  const event = await writeEvent(db);
  reader.offer([event]);
  await reader.look();
  reader.offer([event]);
  expect(delivered).toEqual([event.seq]);
});

test("a number of a rolled back transaction does not hold the low-water mark back", async () => {
  const reader = await Reader.start(eventTable(db), () => {});
  await db
    .transaction(async (tx) => {
      await writeEvent(tx);
      throw new RolledBack();
    })
    .catch(() => {});
  const next = await writeEvent(db);
  await reader.look();
  expect(reader.gaps.lowWater).toBeLessThan(next.seq);
  await noGaps(reader);
  expect(reader.gaps.lowWater).toBe(next.seq);
});

describe("a transaction with more events than any look brings, whose numbers another commit has passed", () => {
  const count = 12_000;

  /** Takes the numbers and holds the commit back until told. */
  async function bulk() {
    const numbered = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const done = db.transaction(async (tx) => {
      await tx.query(
        `${afterWrite}
         insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
         select 'task_update', 'tasks', gen_random_uuid(), 1, 'system', 'Test', '{"json":{}}'
         from written, generate_series(1, $1::int) where id is not null`,
        [count],
      );
      numbered.resolve();
      await commit.promise;
    });
    await numbered.promise;
    return {
      async commit() {
        commit.resolve();
        await done;
      },
    };
  }

  const startWith = async (seen: number[]) =>
    Reader.start(eventTable(db), ({ seq }) => {
      seen.push(seq);
    });

  async function expectAll(reader: Reader, seen: number[], before: number): Promise<void> {
    await noGaps(reader);
    const committed = (await storedSeqs(db)).filter((seq) => seq > before);
    expect(committed.length).toBeGreaterThan(count);
    expect(seen.toSorted((a, b) => a - b)).toEqual(committed);
  }

  // The embedded database runs one transaction at a time.
  testOnPostgres("is read whole by a reader that saw the other commit first", async () => {
    const seen: number[] = [];
    const reader = await startWith(seen);
    await noGaps(reader);
    const before = reader.gaps.high;
    const { commit } = await bulk();
    await writeEvent(db);
    await reader.look();
    await reader.look();
    expect(seen).toHaveLength(1);
    await commit();
    await expectAll(reader, seen, before);
  });

  testOnPostgres("is read whole by a reader that began meanwhile", async () => {
    const before = (await storedSeqs(db)).at(-1) ?? 0;
    const { commit } = await bulk();
    // It begins behind this one.
    const above = await writeEvent(db);
    const seen = [above.seq];
    const reader = await startWith(seen);
    expect(seen).toHaveLength(1);
    await commit();
    await expectAll(reader, seen, before);
  });
});
