import { afterAll, beforeEach, expect, test } from "bun:test";
import { testDatabase } from "../../db/testing.ts";
import { memoryBus } from "./bus.ts";
import { type OpenLog, openLog } from "./event-log.ts";
import type { Form } from "./groups.ts";
import type { Lane } from "./log.ts";
import { writeEvent } from "./testing.ts";

const db = await testDatabase();
const bus = memoryBus();
let log: OpenLog;
afterAll(async () => {
  await log.close();
  await db.close();
});
beforeEach(async () => {
  await log?.close();
  log = await openLog({
    db,
    bus,
    onHeard: () => {},
    onError: (error) => {
      if (error instanceof NotToBeWritten) failures++;
      else void Promise.reject(error);
    },
  });
});

class NotToBeWritten extends Error {}
let failures = 0;

let written = 0;
const form: Form<string> = {
  key: "test",
  write(event, { prev }) {
    written++;
    return `${prev ?? "-"}>${event.seq}`;
  },
};

/** Cannot write out what it is told not to be able to. */
function pickyForm() {
  const bad = new Set<number>();
  const picky: Form<string> = {
    key: "picky",
    write(event, at) {
      if (bad.has(event.seq)) throw new NotToBeWritten();
      return form.write(event, at);
    },
  };
  return { bad, picky };
}

/** A lane that remembers what it was sent, and takes no more than it is told to. */
function testLane(its = form) {
  const texts: string[] = [];
  let wants = Number.POSITIVE_INFINITY;
  let onDrained = () => {};
  let onNews = () => {};
  const add = (more: string[]) => {
    texts.push(...more);
    onNews();
  };
  const lane: Lane<string> = {
    form: its,
    say: ({ type }) => add([type]),
    send(more) {
      const taken = more.slice(0, wants);
      wants -= taken.length;
      add(taken);
      return taken.length;
    },
    async drained() {
      if (wants > 0) return;
      await new Promise<void>((resolve) => {
        onDrained = resolve;
      });
    },
  };
  return {
    lane,
    texts,
    wants(count: number) {
      wants = count;
      onDrained();
    },
    async until(count: number) {
      while (texts.length < count) {
        await new Promise<void>((resolve) => {
          onNews = resolve;
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

/** Follows the log with this lane and waits until it rides with its group. */
async function riding(test: ReturnType<typeof testLane>, lastEventId?: string) {
  const stop = log.follow({ lastEventId }, test.lane);
  await test.until(1);
  // What it does after its first message, it does in microtasks.
  await new Promise(setImmediate);
  return stop;
}

test("subscribers with the same wishes share one text for each event, each naming the one before it", async () => {
  const [one, two] = [testLane(), testLane()];
  await riding(one);
  await riding(two);
  written = 0;
  const [first, second] = [await announce(), await announce()];
  await one.until(3);
  await two.until(3);
  expect(one.texts).toEqual(["connected", `->${first}`, `${first}>${second}`]);
  expect(two.texts).toEqual(one.texts);
  expect(written).toBe(2);
});

test("whoever has enough goes on by itself and loses nothing, while the others are served", async () => {
  const [slow, quick] = [testLane(), testLane()];
  await riding(slow);
  await riding(quick);
  slow.wants(1);
  const first = await announce();
  await slow.until(2);
  const missed = [await announce(), await announce()];
  await quick.until(4);
  expect(slow.texts).toEqual(["connected", `->${first}`]);
  slow.wants(Number.POSITIVE_INFINITY);
  await slow.until(4);
  const last = await announce();
  await slow.until(5);
  const chain = [`->${first}`, `${first}>${missed[0]}`, `${missed[0]}>${missed[1]}`, `${missed[1]}>${last}`];
  expect(slow.texts).toEqual(["connected", ...chain]);
});

test("of what comes in one turn a lane takes what it wants and gets the rest later", async () => {
  const slow = testLane();
  await riding(slow);
  slow.wants(2);
  const events = [];
  for (let i = 0; i < 5; i++) events.push(await writeEvent(db));
  bus.publish(events);
  await slow.until(3);
  slow.wants(1);
  await slow.until(4);
  slow.wants(Number.POSITIVE_INFINITY);
  await slow.until(6);
  expect(slow.texts.slice(1).map((text) => Number(text.split(">")[1]))).toEqual(events.map(({ seq }) => seq));
});

test("a resumed stream replays itself and only then rides", async () => {
  const cursor = await log.cursor();
  const missed = await announce();
  const lane = testLane();
  await riding(lane, cursor);
  await lane.until(2);
  await new Promise(setImmediate);
  const live = await announce();
  await lane.until(3);
  expect(lane.texts).toEqual(["connected", `->${missed}`, `${missed}>${live}`]);
});

test("the first event of a stream names none before it, although others in its group had one", async () => {
  const [early, fresh] = [testLane(), testLane()];
  await riding(early);
  const before = await announce();
  await early.until(2);
  await riding(fresh);
  const [first, second] = [await announce(), await announce()];
  await early.until(4);
  await fresh.until(3);
  expect(early.texts).toEqual(["connected", `->${before}`, `${before}>${first}`, `${first}>${second}`]);
  expect(fresh.texts).toEqual(["connected", `->${first}`, `${first}>${second}`]);
});

test("nothing is sent after the end", async () => {
  const lane = testLane();
  const stop = await riding(lane);
  expect(log.position().subscribers).toBe(1);
  stop();
  await announce();
  await new Promise(setImmediate);
  expect(lane.texts).toEqual(["connected"]);
  expect(log.position().subscribers).toBe(0);
});

test("an event that one form cannot write out is no loss to the others, and those who miss it are told", async () => {
  const { bad, picky } = pickyForm();
  const [one, other, after] = [testLane(picky), testLane(), testLane({ ...form, key: "after" })];
  await riding(one);
  await riding(other);
  await riding(after);
  failures = 0;
  const events = [await writeEvent(db), await writeEvent(db), await writeEvent(db)];
  const [first, second, third] = events.map(({ seq }) => seq);
  bad.add(second ?? 0);
  bus.publish(events);
  for (const { until, texts } of [other, after]) {
    await until(4);
    expect(texts).toEqual(["connected", `->${first}`, `${first}>${second}`, `${second}>${third}`]);
  }
  await one.until(2);
  await new Promise(setImmediate);
  const next = await announce();
  await one.until(3);
  expect(one.texts).toEqual(["connected", "reset", `->${next}`]);
  expect(failures).toBe(1);
});

test("an event that cannot be written out on the way of a replay is told as a reset, and the stream goes on", async () => {
  const { bad, picky } = pickyForm();
  const cursor = await log.cursor();
  await announce();
  bad.add(await announce());
  const lane = testLane(picky);
  await riding(lane, cursor);
  await lane.until(2);
  await new Promise(setImmediate);
  const next = await announce();
  await lane.until(3);
  expect(lane.texts).toEqual(["connected", "reset", `->${next}`]);
});
