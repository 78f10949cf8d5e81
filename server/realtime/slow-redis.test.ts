import { afterEach, expect, test } from "bun:test";
import { pino } from "pino";
import { testDatabase } from "../../db/testing.ts";
import { describeOnRedis } from "../../tests/support/only.ts";
import { startProxy } from "../../tests/support/proxy.ts";
import { until } from "../../tests/support/until.ts";
import { openLog } from "./event-log.ts";
import { redisBus } from "./redis-bus.ts";
import { connected, writeEvent } from "./testing.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const redisUrl = new URL(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379");

describeOnRedis("over Redis", () => {
  test("messages that are five seconds late make no event later than the look at the table", async () => {
    const db = await testDatabase();
    cleanups.push(db.close);
    const proxy = await startProxy(() => Number(redisUrl.port || 6379));
    cleanups.push(proxy.close);
    const slowUrl = Object.assign(new URL(redisUrl), { port: String(proxy.port) }).href;
    const common = {
      logger: pino({ level: "silent" }),
      secret: "s".repeat(40),
      epoch: `test-${crypto.randomUUID()}`,
    };
    const [here, there] = [
      redisBus({ ...common, url: redisUrl.href, instanceId: "here" }),
      redisBus({ ...common, url: slowUrl, instanceId: "there" }),
    ];
    cleanups.push(here.close, there.close);
    await until("both are connected", () => here.isHealthy() && there.isHealthy());
    const log = await openLog({
      db,
      bus: there,
      onHeard: () => {},
      onError: (error) => void Promise.reject(error),
    });
    cleanups.push(log.close);
    proxy.delay(5000);

    const stop = new AbortController();
    const { next } = await connected(log.stream({}, stop.signal));
    const committedAt = new Map<number, number>();
    const commit = async () => {
      const event = await writeEvent(db);
      committedAt.set(event.seq, performance.now());
      here.publish([event]);
    };
    // Long enough for the first messages to arrive, late and in order, while there are new events all the time.
    let lastly = Promise.resolve();
    const writing = setInterval(() => {
      lastly = lastly.then(commit);
    }, 100);
    const began = performance.now();
    let latest = 0;
    while (performance.now() - began < 9000) {
      const message = await next();
      if (message && "seq" in message) {
        latest = Math.max(latest, performance.now() - (committedAt.get(message.seq) ?? 0));
      }
    }
    clearInterval(writing);
    await lastly;
    stop.abort();
    expect(latest).toBeLessThan(2500);
  });
});
