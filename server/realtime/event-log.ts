import type { Database } from "../../db/client.ts";
import type { Bus } from "./bus.ts";
import { cursorOf, seqOf } from "./cursor.ts";
import { type EventTable, eventTable } from "./event-table.ts";
import type { StoredEvent } from "./events.ts";
import { Follower, type Source } from "./follower.ts";
import type { Gaps } from "./gaps.ts";
import { Groups } from "./groups.ts";
import { Inbox } from "./inbox.ts";
import type { Lane, Log, StreamFilter, StreamMessage } from "./log.ts";
import { type Found, LookOut } from "./look-out.ts";
import { Reader } from "./reader.ts";

export interface OpenLog extends Log {
  /** Serves a lane until the returned function is called. */
  follow<Out>(filter: StreamFilter, lane: Lane<Out>): () => void;
  /** Where the reader is, for health and metrics. */
  position(): { high: number; gaps: number; subscribers: number };
}

const heardAtMost = 10_000;
/** Numbers behind a cursor: whoever was away for longer loads its data in less time than it takes to be told. */
const replayedAtMost = 50_000;

export interface LogOptions {
  db: Database;
  bus: Bus;
  /** Every committed event, mostly once, as soon as this process hears of it and in no certain order: for waking what waits. */
  onHeard: (event: StoredEvent) => void;
  onError: (error: unknown) => void;
}

/** Opens the log: the bus brings events at once, the table brings what the bus has lost. */
export const openLog = ({ db, ...options }: LogOptions): Promise<OpenLog> => openLogOn(eventTable(db), options);

interface LogParts extends Omit<LogOptions, "db"> {
  rhythm?: (look: () => Promise<Found>) => Pick<LookOut, "soon" | "heard" | "now" | "close">;
  gaps?: Gaps;
}

/** The same on any table, with other limits and another rhythm if need be. */
export async function openLogOn(table: EventTable, { bus, onHeard, onError, ...parts }: LogParts): Promise<OpenLog> {
  let epoch = await table.epoch();
  const cursorAt = (seq: number) => cursorOf(epoch, seq);
  const followers = new Set<Follower>();
  const walkers = new Set<Follower>();
  const groups = new Groups(cursorAt, onError);
  const closing = new AbortController();
  /** Heard of before it was their turn. */
  const heard = new Set<number>();

  /** One that fails must not keep an event from the others. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  }

  function startAllAnew(): void {
    for (const follower of followers) follower.startAnew();
  }

  const deliver = (event: StoredEvent, lowWater: number) => {
    for (const walker of walkers) guarded(() => walker.offer({ event, lowWater }));
    groups.offer({ event, lowWater });
    if (!heard.delete(event.seq)) guarded(() => onHeard(event));
  };
  const reader = await Reader.start(table, deliver, parts.gaps, startAllAnew);

  /** The server may have been another one since: a look has failed. */
  let isUnsure = false;

  async function look() {
    const isMoved = isUnsure && (await table.epoch()) !== epoch;
    isUnsure = true;
    const { more, isReplaced } = await reader.look();
    if (isMoved || isReplaced) await beginAnew();
    isUnsure = false;
    return { more, missing: reader.gaps.size > 0 };
  }

  /** A backup was restored, or the database was wiped: what was told is not what there is. */
  async function beginAnew(): Promise<void> {
    const next = await table.epoch();
    await reader.begin();
    // Only now: a cursor must never name the new log with a number of the old one.
    epoch = next;
    startAllAnew();
    heard.clear();
    bus.moveTo(next);
    onError(new Error("The event log is another one than before; every follower is told to load anew"));
  }

  const lookOut = parts.rhythm?.(look) ?? new LookOut(look, onError);
  bus.subscribe((events) => {
    if (heard.size > heardAtMost) heard.clear();
    for (const event of events) {
      if (event.seq <= reader.gaps.lowWater || heard.has(event.seq)) continue;
      heard.add(event.seq);
      guarded(() => onHeard(event));
    }
    if (reader.offer(events)) lookOut.soon();
    else lookOut.heard();
  });

  /** The number to go on from; undefined when the cursor is of another log, ahead of this one or too far behind. */
  async function resumeFrom(cursor: string): Promise<number | undefined> {
    const seq = seqOf(epoch, cursor);
    if (seq === undefined) return undefined;
    // Another instance may have been ahead of this one when it gave out the cursor.
    if (seq > reader.gaps.high) await lookOut.now();
    const behind = reader.gaps.high - seq;
    return behind >= 0 && behind <= replayedAtMost ? seq : undefined;
  }

  const { gaps } = reader;
  const { page } = table;
  const source: Source = { cursorAt, gaps, groups, walkers, page, resumeFrom, onError };

  function follow(filter: StreamFilter, lane: Lane): () => void {
    const follower = new Follower(source, filter, lane);
    followers.add(follower);
    void follower.walk();
    return () => {
      followers.delete(follower);
      follower.stop();
    };
  }

  async function* stream(filter: StreamFilter, signal: AbortSignal): AsyncGenerator<StreamMessage> {
    const inbox = new Inbox();
    const stop = follow(filter, inbox);
    const ends = [signal, closing.signal];
    // Not only when the generator is left: nobody may ask it for anything any more.
    const end = () => {
      stop();
      inbox.close();
    };
    for (const ending of ends) ending.addEventListener("abort", end, { once: true });
    if (ends.some(({ aborted }) => aborted)) end();
    try {
      yield* inbox.messages();
    } finally {
      stop();
      for (const ending of ends) ending.removeEventListener("abort", end);
    }
  }

  return {
    cursor: async () => cursorAt(reader.gaps.lowWater),
    follow,
    stream,
    position: () => ({ high: reader.gaps.high, gaps: reader.gaps.size, subscribers: followers.size }),
    async close() {
      closing.abort();
      for (const follower of followers) follower.stop();
      await lookOut.close();
    },
  };
}
