import { afterAll, afterEach, beforeAll, expect, spyOn, test } from "bun:test";
import { pino } from "pino";
import { createClient } from "redis";
import { testDatabase } from "../../db/testing.ts";
import { describeOnRedis } from "../../tests/support/only.ts";
import { until } from "../../tests/support/until.ts";
import { openLog } from "./event-log.ts";
import { channelOf, messageOf, redisBus } from "./redis-bus.ts";
import { sealOf } from "./seal.ts";
import { connected, sampleEvent, seqs, writeEvent } from "./testing.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

let db: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const url = process.env.TEST_REDIS_URL ?? "";
const secret = "s".repeat(40);

async function factory() {
  const epoch = `test-${crypto.randomUUID()}`;
  const logger = pino({ level: "silent" });
  const warn = spyOn(logger, "warn");
  const bus = redisBus({ url, instanceId: "honest", logger, secret, epoch });
  cleanups.push(bus.close);
  const log = await openLog({ db, bus, onHeard: () => {}, onError: (error) => void Promise.reject(error) });
  cleanups.push(log.close);
  await until("the bus is connected", bus.isHealthy);
  const liar = await createClient({ url }).connect();
  cleanups.push(() => liar.close());
  const channel = channelOf(epoch);
  const stop = new AbortController();
  cleanups.push(async () => stop.abort());
  return {
    db,
    bus,
    log,
    warn,
    channel,
    ...(await connected(log.stream({}, stop.signal))),
    lie: liar.publish.bind(liar),
  };
}

describeOnRedis("over Redis", () => {
  test.each([
    ["unsigned", () => (body: string) => body],
    ["signed with another secret", (channel: string) => sealOf("o".repeat(40), channel).seal],
    ["signed for another channel", () => sealOf(secret, "another").seal],
    [
      "changed after it was signed",
      (channel: string) => (body: string) => sealOf(secret, channel).seal(body).replace("Read", "Burn"),
    ],
  ])("an event that is %s is not told, and the true one of its number is", async (_, sealFor) => {
    const { bus, log, warn, channel, take, lie } = await factory();
    const first = await writeEvent(db);
    bus.publish([first]);
    expect(seqs(await take(1))).toEqual([first.seq]);
    const madeUp = { ...sampleEvent({}), seq: log.position().high + 1 };
    for (let i = 0; i < 2; i++) await lie(channel, sealFor(channel)(messageOf("liar", [madeUp])));
    await until("the messages have come", () => bus.refused() === 2);
    expect(warn.mock.calls.map((words) => String(words.at(-1)))).toEqual([
      expect.stringContaining("not from our own instances"),
    ]);
    const second = await writeEvent(db);
    expect(await take(1)).toMatchObject([{ seq: second.seq, entityId: second.entityId }]);
  });

  test("what is signed and still cannot be read is dropped, and the next message is heard", async () => {
    const { bus, channel, take, lie } = await factory();
    const { seal } = sealOf(secret, channel);
    await lie(channel, seal("another version\nwrites\nit\ndifferently"));
    const event = await writeEvent(db);
    await lie(channel, seal(messageOf("other", [event])));
    expect(seqs(await take(1))).toEqual([event.seq]);
    expect(bus.refused()).toBe(1);
    expect(bus.isHealthy()).toBe(true);
  });
});
