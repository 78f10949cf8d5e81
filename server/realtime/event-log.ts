import type { Database } from "../../db/client.ts";
import type { Bus } from "./bus.ts";
import { cursorOf, seqOf } from "./cursor.ts";
import { envelopeOf } from "./envelope.ts";
import type { StoredEvent } from "./events.ts";
import { Groups, type Lane } from "./groups.ts";
import type { Log, StreamFilter, StreamMessage } from "./log.ts";
import { LookOut } from "./look-out.ts";
import { Reader } from "./reader.ts";
import { isKept, replay } from "./replay.ts";
import { Subscriber } from "./subscriber.ts";

export interface OpenLog extends Log {
  /** Where the reader is, for health and metrics. */
  position(): { high: number; gaps: number; subscribers: number };
}

export interface LogOptions {
  db: Database;
  bus: Bus;
  /** Every committed event once, in this process; for waking what waits. */
  onEvent: (event: StoredEvent) => void;
  onError: (error: unknown) => void;
  /** Events that a subscriber may leave waiting. */
  capacity?: number | undefined;
}

/** Opens the log: the bus brings events at once, the table brings what the bus has lost. */
export async function openLog({ db, bus, onEvent, onError, capacity = 1000 }: LogOptions): Promise<OpenLog> {
  const epoch = await epochOf(db);
  const subscribers = new Set<Subscriber>();
  const groups = new Groups(epoch);
  const stops = new Set<() => void>();

  const reader = await Reader.start(db, (event, lowWater) => {
    for (const subscriber of subscribers) subscriber.offer({ event, lowWater });
    groups.offer({ event, lowWater });
    onEvent(event);
  });
  const lookOut = new LookOut(async () => ({ more: await reader.look(), missing: reader.gaps.size > 0 }), onError);
  bus.subscribe((events) => {
    if (reader.offer(events)) lookOut.soon();
    else lookOut.heard();
  });

  const here = () => cursorOf(epoch, reader.gaps.lowWater);

  /** The number to go on from; undefined when the cursor is of another log, ahead of this one, or too old. */
  async function resumeFrom(cursor: string): Promise<number | undefined> {
    const seq = seqOf(epoch, cursor);
    if (seq === undefined) return undefined;
    // Another instance may have been ahead of this one when it gave out the cursor.
    if (seq > reader.gaps.high) await lookOut.now();
    return seq <= reader.gaps.high && (await isKept(db, seq)) ? seq : undefined;
  }

  async function* stream(filter: StreamFilter, signal: AbortSignal, lane?: Lane): AsyncGenerator<StreamMessage> {
    const after = filter.lastEventId === undefined ? undefined : await resumeFrom(filter.lastEventId);
    // Listen first, then read what was missed.
    const subscriber = new Subscriber(filter, capacity);
    subscribers.add(subscriber);
    const stop = () => {
      subscriber.close();
      if (lane) groups.leave(lane);
    };
    stops.add(stop);
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (signal.aborted) return;
      const { high, lowWater } = reader.gaps;
      const open = new Set(reader.gaps.numbers());
      const replayed = new Set<number>();
      let prev: number | null = null;

      yield { type: "connected", id: after === undefined ? here() : cursorOf(epoch, after) };
      if (after !== undefined) {
        for await (const event of replay(db, filter, { after, through: high })) {
          if (signal.aborted) return;
          if (open.has(event.seq)) replayed.add(event.seq);
          const through = open.size > 0 ? Math.min(event.seq, lowWater) : event.seq;
          yield envelopeOf(event, { id: cursorOf(epoch, Math.max(through, after)), prev });
          prev = event.seq;
        }
        // The retention may have overtaken a long replay.
        if (!(await isKept(db, after))) yield { type: "reset", id: here() };
      } else if (filter.lastEventId !== undefined) {
        yield { type: "reset", id: here() };
      }

      while (!subscriber.isClosed) {
        for (const { event, lowWater } of subscriber.take()) {
          if (replayed.delete(event.seq)) continue;
          yield envelopeOf(event, { id: cursorOf(epoch, lowWater), prev });
          prev = event.seq;
        }
        await lane?.drained();
        if (subscriber.hasNews) continue;
        if (lane && replayed.size === 0) prev = await ride(lane, subscriber, prev);
        else await subscriber.news();
      }
    } finally {
      signal.removeEventListener("abort", stop);
      stops.delete(stop);
      subscribers.delete(subscriber);
    }
  }

  /** Goes with the group for as long as the lane keeps up; from the moment it leaves, the subscriber gathers again. */
  function ride(lane: Lane, subscriber: Subscriber, prev: number | null): Promise<number | null> {
    subscribers.delete(subscriber);
    return new Promise((resolve) => {
      groups.join(lane, subscriber.filter, prev, (last) => {
        if (!subscriber.isClosed) subscribers.add(subscriber);
        resolve(last);
      });
    });
  }

  return {
    cursor: async () => here(),
    stream,
    position: () => ({ high: reader.gaps.high, gaps: reader.gaps.size, subscribers: subscribers.size + groups.size }),
    async close() {
      for (const stop of stops) stop();
      await lookOut.close();
    },
  };
}

/** Which log this is: every database has its own. The first part of its id is enough to tell two logs apart. */
export async function epochOf(db: Database): Promise<string> {
  const [row] = await db.query<{ value: string }>(
    "select value #>> '{}' as value from settings where key = 'log_epoch'",
  );
  if (!row) throw new Error("The database has no log_epoch: it was not migrated.");
  return row.value.slice(0, 8);
}
