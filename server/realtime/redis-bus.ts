import { createClient } from "redis";
import type { Logger } from "../logger.ts";
import type { Bus, BusListener } from "./bus.ts";
import type { StoredEvent } from "./events.ts";
import { sealOf } from "./seal.ts";

export interface RedisBusOptions {
  url: string;
  instanceId: string;
  logger: Logger;
  /** All instances of a factory share it: what is not signed with it is not theirs. */
  secret: string;
  /** Of the log: factories that share a Redis must not hear each other, their events are numbered by different logs. */
  epoch: string;
  /** Between two messages to oneself; three in a row that are not taken or not heard, and the connection is replaced. */
  heartbeatMs?: number | undefined;
}

/** The channel on which the instances of one log speak. */
export const channelOf = (epoch: string) => `wf:${epoch}:events`;

/**
 * Who speaks, then three lines for each event (none in a heartbeat): what filters need, and the two texts of its data as
 * they are, so that nobody on the way has to parse a row. JSON has no line breaks of its own.
 */
export function messageOf(from: string, events: StoredEvent[] = []): string {
  const lines = events.flatMap(({ json, meta, ...routing }) => [JSON.stringify(routing), meta ?? "", json]);
  return [from, ...lines].join("\n");
}

function eventsIn(lines: string[]): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [routing = "", meta, json = ""] = lines.slice(at, at + 3);
    const event = JSON.parse(routing);
    events.push({ ...event, at: new Date(event.at), meta: meta || null, json });
  }
  return events;
}

/** What may wait for Redis; the table has what is not said. */
const waitingBytesAtMost = 4 * 1024 * 1024;
const waitingAtMost = 1000;

/**
 * One connection publishes, one listens. Either can go dead without an error, so the process writes to itself: a publisher
 * whose messages are not taken and a subscriber that hears nothing are replaced. While Redis is away or does not answer,
 * little is queued: every instance's
 * reader finds the events in the table within a second. Whoever can write to Redis could make events up: what is not
 * signed is dropped.
 */
export function redisBus(options: RedisBusOptions): Bus {
  const { url, instanceId, logger, secret, heartbeatMs = 1000 } = options;
  let channel = channelOf(options.epoch);
  let seal = sealOf(secret, channel);
  const listeners = new Set<BusListener>();
  let lastHeard = performance.now();
  let lastTaken = performance.now();
  let waiting = 0;
  let waitingBytes = 0;
  let refused = 0;
  let isClosed = false;

  const report = throttled((error: Error) => logger.warn({ err: error }, "Redis is not reachable; live updates poll"));
  const connection = () =>
    createClient({
      url,
      name: `workflow-factory-${instanceId}`,
      disableOfflineQueue: true,
      commandsQueueMaxLength: waitingAtMost,
      socket: {
        connectTimeout: 2000,
        reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2000) * Math.random() + 50,
      },
    }).on("error", report);

  function hear(text: string) {
    const body = seal.open(text);
    if (body === undefined) return refuse();
    lastHeard = performance.now();
    const [from, ...lines] = body.split("\n");
    // Our own events were handed out when they were published.
    if (lines.length === 0 || from === instanceId) return;
    const events = attempt(() => eventsIn(lines));
    if (!events) return refuse();
    for (const listener of listeners) listener(events);
  }

  /** Whatever it says, the table has what was committed. */
  function refuse() {
    refused++;
    if (refused === 1)
      logger.warn("A message on Redis is not from our own instances; is SESSION_SECRET the same for all?");
  }

  function listen() {
    const client = connection();
    // Without the queue a subscription needs an open connection; afterwards the client renews it by itself.
    client.on("ready", () => void client.subscribe(channel, hear).catch(report));
    client.connect().catch(report);
    return client;
  }

  function speak() {
    const client = connection();
    client.connect().catch(report);
    return client;
  }

  function replaced(client: ReturnType<typeof connection>, by: () => ReturnType<typeof connection>) {
    // What it has in hand fails, and counts as waiting no more.
    if (client.isOpen) client.destroy();
    return by();
  }

  let publisher = speak();
  let subscriber = listen();

  async function send(body: string) {
    if (waiting >= waitingAtMost || waitingBytes + body.length > waitingBytesAtMost) return;
    waiting++;
    waitingBytes += body.length;
    try {
      await publisher.publish(channel, seal.seal(body));
      lastTaken = performance.now();
    } catch (error) {
      report(error as Error);
    } finally {
      waiting--;
      waitingBytes -= body.length;
    }
  }

  const isRecent = (moment: number) => performance.now() - moment < 3 * heartbeatMs;

  const heartbeat = setInterval(() => {
    if (isClosed) return;
    if (!isRecent(lastTaken)) {
      logger.warn("Redis takes nothing; connecting anew");
      lastTaken = performance.now();
      publisher = replaced(publisher, speak);
    }
    if (!isRecent(lastHeard)) {
      logger.warn("The Redis subscriber does not hear; replacing it");
      lastHeard = performance.now();
      subscriber = replaced(subscriber, listen);
    }
    void send(messageOf(instanceId));
  }, heartbeatMs);
  heartbeat.unref();

  return {
    kind: "redis",
    publish(events) {
      for (const listener of listeners) listener(events);
      void send(messageOf(instanceId, events));
    },
    subscribe: (listener) => void listeners.add(listener),
    isHealthy: () => publisher.isReady && subscriber.isReady && isRecent(lastTaken) && isRecent(lastHeard),
    refused: () => refused,
    moveTo(epoch) {
      if (channelOf(epoch) === channel) return;
      channel = channelOf(epoch);
      seal = sealOf(secret, channel);
      subscriber = replaced(subscriber, listen);
    },
    async close() {
      isClosed = true;
      clearInterval(heartbeat);
      listeners.clear();
      for (const client of [publisher, subscriber]) if (client.isOpen) client.destroy();
    },
  };
}

function attempt<Answer>(work: () => Answer): Answer | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** At most one report in ten seconds: a lost connection says so at every try. */
function throttled(report: (error: Error) => void): (error: Error) => void {
  let quietUntil = 0;
  return (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 10_000;
    report(error);
  };
}
