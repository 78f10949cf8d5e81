import { afterAll, beforeEach, expect, test } from "bun:test";
import { testDatabase } from "../../db/testing.ts";
import { memoryBus } from "./bus.ts";
import { type OpenLog, openLog } from "./event-log.ts";
import type { Form, Lane } from "./groups.ts";
import { connected, seqs, writeEvent } from "./testing.ts";

const db = await testDatabase();
const bus = memoryBus();
let log: OpenLog;
const until = new AbortController();
afterAll(async () => {
  until.abort();
  await log.close();
  await db.close();
});
beforeEach(async () => {
  await log?.close();
  log = await openLog({ db, bus, onEvent: () => {}, onError: (error) => void Promise.reject(error) });
});

let written = 0;
const form: Form = {
  key: "test",
  write(event, { prev }) {
    written++;
    return `${prev ?? "-"}>${event.seq}`;
  },
};

/** A lane that remembers what it was sent, and says "enough" when it is told to. */
function testLane() {
  const texts: string[] = [];
  let hasEnough = false;
  let release = () => {};
  let arrived = () => {};
  const lane: Lane = {
    form,
    send(more) {
      texts.push(...more);
      arrived();
      return !hasEnough;
    },
    drained: () =>
      hasEnough
        ? new Promise((resolve) => {
            release = resolve;
          })
        : Promise.resolve(),
  };
  return {
    lane,
    texts,
    block: () => {
      hasEnough = true;
    },
    release: () => {
      hasEnough = false;
      release();
    },
    async until(count: number) {
      while (texts.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}

async function announce() {
  const event = await writeEvent(db);
  bus.publish([event]);
  return event.seq;
}

/** Starts a stream with this lane and waits until it is on the short way. */
async function riding(test: ReturnType<typeof testLane>, lastEventId?: string, signal = until.signal) {
  const stream = await connected(log.stream({ lastEventId }, signal, test.lane));
  const rest = stream.next();
  // What the generator does after its first message, it does in microtasks.
  await new Promise(setImmediate);
  return { ...stream, rest };
}

test("subscribers with the same wishes share one text for each event, each naming the one before it", async () => {
  const [one, two] = [testLane(), testLane()];
  await riding(one);
  await riding(two);
  written = 0;
  const [first, second] = [await announce(), await announce()];
  await one.until(2);
  await two.until(2);
  expect(one.texts).toEqual([`->${first}`, `${first}>${second}`]);
  expect(two.texts).toEqual(one.texts);
  expect(written).toBe(2);
});

test("whoever has enough goes on by itself and loses nothing, while the others are served", async () => {
  const [slow, quick] = [testLane(), testLane()];
  const { rest, next } = await riding(slow);
  await riding(quick);
  slow.block();
  const first = await announce();
  await slow.until(1);
  const missed = [await announce(), await announce()];
  await quick.until(3);
  expect(slow.texts).toEqual([`->${first}`]);
  slow.release();
  // What came meanwhile comes through the stream itself, then the lane is taken again.
  expect(seqs([await rest, await next()].flatMap((message) => message ?? []))).toEqual(missed);
  void next();
  await new Promise(setImmediate);
  const last = await announce();
  await slow.until(2);
  expect(slow.texts).toEqual([`->${first}`, `${missed[1]}>${last}`]);
});

test("a resumed stream replays itself and only then takes the lane", async () => {
  const cursor = await log.cursor();
  const missed = await announce();
  const lane = testLane();
  const { rest, next } = await riding(lane, cursor);
  expect(await rest).toMatchObject({ seq: missed });
  void next();
  await new Promise(setImmediate);
  const live = await announce();
  await lane.until(1);
  expect(lane.texts).toEqual([`${missed}>${live}`]);
});

test("nothing is sent after the end", async () => {
  const lane = testLane();
  const stop = new AbortController();
  const { rest } = await riding(lane, undefined, stop.signal);
  expect(log.position().subscribers).toBe(1);
  stop.abort();
  expect(await rest).toBeUndefined();
  await announce();
  await new Promise(setImmediate);
  expect(lane.texts).toEqual([]);
  expect(log.position().subscribers).toBe(0);
});
