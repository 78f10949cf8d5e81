import { expect, spyOn, test } from "bun:test";
import { pino } from "pino";
import { createClient } from "redis";
import { describeOnRedis } from "../../tests/support/only.ts";
import { memoryBus } from "./bus.ts";
import type { StoredEvent } from "./events.ts";
import { type RedisBusOptions, redisBus } from "./redis-bus.ts";

const event = (seq: number): StoredEvent => ({
  seq,
  type: "task_update",
  channel: "tasks",
  entityId: "0190a0a0-0000-7000-8000-000000000001",
  workflowId: null,
  taskId: null,
  revision: 1,
  actorType: "system",
  actorId: null,
  actorName: "Test",
  at: new Date("2026-01-02T03:04:05Z"),
  json: '{"id":"1","name":"two\\nlines"}',
  meta: seq % 2 ? null : '{"values":{"at":["Date"]},"v":1}',
});

test("within one process, what is published is heard", () => {
  const bus = memoryBus();
  const heard: StoredEvent[] = [];
  bus.subscribe((events) => heard.push(...events));
  bus.publish([event(1)]);
  expect(heard).toEqual([event(1)]);
});

const url = process.env.TEST_REDIS_URL;
const secret = "s".repeat(40);

describeOnRedis("over Redis", () => {
  const epoch = `test-${crypto.randomUUID()}`;
  const logger = pino({ level: "silent" });
  const open = (instanceId: string, more: Partial<RedisBusOptions> = {}) =>
    redisBus({ url: url ?? "", instanceId, logger, secret, epoch, heartbeatMs: 50, ...more });

  /** Publishes until the other side hears: a subscription takes a moment to stand. */
  async function heardBy(listener: ReturnType<typeof open>, publish: () => void): Promise<StoredEvent[]> {
    const heard = Promise.withResolvers<StoredEvent[]>();
    listener.subscribe(heard.resolve);
    const again = setInterval(publish, 20);
    publish();
    return heard.promise.finally(() => clearInterval(again));
  }

  test("two instances hear each other, times included, and themselves at once", async () => {
    const [a, b] = [open("a"), open("b")];
    const own: StoredEvent[] = [];
    a.subscribe((events) => own.push(...events));
    expect(await heardBy(b, () => a.publish([event(7)]))).toEqual([event(7)]);
    expect(own[0]).toEqual(event(7));
    expect(await heardBy(a, () => b.publish([event(8)]))).toEqual([event(8)]);
    expect(a.isHealthy()).toBe(true);
    await a.close();
    await b.close();
  });

  test("a cut connection heals by itself", async () => {
    const name = crypto.randomUUID();
    const [a, b] = [open("a"), open(name)];
    await heardBy(b, () => a.publish([event(1)]));
    const admin = createClient({ url: url ?? "" });
    await admin.connect();
    const clients = (await admin.clientList()).filter((client) => client.name === `workflow-factory-${name}`);
    expect(clients).toHaveLength(2);
    for (const { id } of clients) await admin.sendCommand(["CLIENT", "KILL", "ID", String(id)]);
    expect(await heardBy(b, () => a.publish([event(2)]))).toEqual([event(2)]);
    await admin.close();
    await a.close();
    await b.close();
  });
});

test("without a Redis it says so, publishes to itself and throws nothing", async () => {
  const logger = pino({ level: "silent" });
  const warn = spyOn(logger, "warn");
  const bus = redisBus({ url: "redis://127.0.0.1:1", instanceId: "alone", logger, secret, epoch: "alone" });
  const heard: StoredEvent[] = [];
  bus.subscribe((events) => heard.push(...events));
  bus.publish([event(1)]);
  expect(heard).toHaveLength(1);
  expect(bus.isHealthy()).toBe(false);
  while (warn.mock.calls.length === 0) await new Promise(setImmediate);
  expect(String(warn.mock.calls[0]?.[1])).toContain("Redis is not reachable");
  await bus.close();
});
