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
  /** Between two messages to oneself; three unheard in a row and the subscriber is replaced. */
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

/**
 * One connection publishes, one listens. A subscriber on Bun can go deaf without an error, so the process writes to
 * itself and replaces a subscriber that does not hear it. While Redis is away nothing is queued: every instance's
 * reader finds the events in the table within a second. Whoever can write to Redis could make events up: what is not
 * signed is dropped.
 */
export function redisBus(options: RedisBusOptions): Bus {
  const { url, instanceId, logger, secret, heartbeatMs = 5000 } = options;
  let channel = channelOf(options.epoch);
  let seal = sealOf(secret, channel);
  const listeners = new Set<BusListener>();
  let lastHeard = performance.now();
  let refused = 0;
  let isClosed = false;

  const report = throttled((error: Error) => logger.warn({ err: error }, "Redis is not reachable; live updates poll"));
  const connection = () =>
    createClient({
      url,
      name: `workflow-factory-${instanceId}`,
      disableOfflineQueue: true,
      commandsQueueMaxLength: 10_000,
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

  const publisher = connection();
  publisher.connect().catch(report);
  let subscriber = listen();
  const send = (body: string) => void publisher.publish(channel, seal.seal(body)).catch(report);

  const heartbeat = setInterval(() => {
    if (isClosed) return;
    const isDeaf = performance.now() - lastHeard > 3 * heartbeatMs;
    if (isDeaf && publisher.isReady) {
      logger.warn("The Redis subscriber does not hear; replacing it");
      lastHeard = performance.now();
      if (subscriber.isOpen) subscriber.destroy();
      subscriber = listen();
    }
    send(messageOf(instanceId));
  }, heartbeatMs);
  heartbeat.unref();

  return {
    kind: "redis",
    publish(events) {
      for (const listener of listeners) listener(events);
      send(messageOf(instanceId, events));
    },
    subscribe: (listener) => void listeners.add(listener),
    isHealthy: () => publisher.isReady && subscriber.isReady && performance.now() - lastHeard < 3 * heartbeatMs,
    refused: () => refused,
    moveTo(epoch) {
      if (channelOf(epoch) === channel) return;
      channel = channelOf(epoch);
      seal = sealOf(secret, channel);
      if (subscriber.isOpen) subscriber.destroy();
      subscriber = listen();
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
