import type { StoredEvent } from "./events.ts";
import type { Gaps } from "./gaps.ts";
import type { Delivery, Form, Groups, Place, Rider } from "./groups.ts";
import { type Lane, matches, type StreamFilter } from "./log.ts";
import type { ReadPage } from "./replay.ts";

/** New events that are kept while the table is read; when more come, the table is read again. */
const capacity = 200;
/** The first page of a reading, so that it does not wait; the next ones are as long as their events are short. */
const firstPage = 50;
const longestPage = 500;
const pageCharacters = 512 * 1024;
/** After a failure to read, before the next try. */
const retryMs = 1000;

/** What the log gives to its followers. */
export interface Source {
  cursorAt(seq: number): string;
  gaps: Gaps;
  groups: Groups;
  /** Those who are offered every delivery, because they ride with no group yet. */
  walkers: Set<Follower>;
  page: ReadPage;
  /** The number to go on from; undefined when it cannot be told what happened since this cursor. */
  resumeFrom(cursor: string): Promise<number | undefined>;
  onError(error: unknown): void;
}

/**
 * One subscriber. It reads what it missed from the table, listening all the while, and then rides with its group, where
 * an event costs one `send` and next to no memory is needed. When its lane has enough it is out of the group, waits, and
 * reads on from the table: what it has not taken is kept nowhere else.
 */
export class Follower implements Rider {
  /** Everything at or below was sent; undefined before the beginning. */
  #after: number | undefined;
  /** What was there when it began to listen ends here; up to here the table is read. */
  #reach = 0;
  #prev: number | null = null;
  /** Its cursor never goes back behind this one. */
  #safe = 0;
  /** Heard while the table is read: commits below `#reach` that came late, and what came above it, unless it was too much. */
  #late: Delivery[] | undefined;
  #fresh: Delivery[] | null | undefined;
  #limit = firstPage;
  #isWalking = false;
  /** Something could not be told. */
  #mustReset = false;
  #isStopped = false;
  #wantsToBeTold: boolean;

  constructor(
    readonly source: Source,
    readonly filter: StreamFilter,
    readonly lane: Lane,
  ) {
    this.#wantsToBeTold = filter.caughtUp ?? false;
  }

  get form(): Form<unknown> {
    return this.lane.form;
  }

  /** Until it rides. */
  async walk(): Promise<void> {
    this.#isWalking = true;
    while (!this.#isStopped) {
      try {
        await this.lane.drained();
        if (this.#after === undefined) await this.#begin();
        else if (!this.source.walkers.has(this)) this.#listenFrom(this.#after);
        while (!this.#isStopped && !this.#hasCaughtUp()) await this.#goOn();
        this.#isWalking = false;
        return this.#ride();
      } catch (error) {
        this.source.onError(error);
        await Bun.sleep(retryMs);
      }
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.source.walkers.delete(this);
    this.source.groups.leave(this);
  }

  offer(delivery: Delivery): void {
    const { event } = delivery;
    if (!matches(this.filter, event)) return;
    if (event.seq <= this.#reach) {
      this.#late ??= [];
      this.#late.push(delivery);
    } else if (this.#fresh !== null) {
      this.#fresh ??= [];
      if (this.#fresh.length < capacity) this.#fresh.push(delivery);
      else this.#fresh = null;
    }
  }

  take(written: unknown[]): number {
    return this.lane.send(written);
  }

  left({ after, prev }: Place): void {
    this.#after = after;
    this.#prev = prev;
    this.#safe = Math.max(this.#safe, after);
    void this.walk();
  }

  startAnew(): void {
    this.#mustReset = true;
    if (this.#isWalking || this.#isStopped) return;
    this.source.groups.leave(this);
    void this.walk();
  }

  #ride(): void {
    const { walkers, groups, gaps } = this.source;
    walkers.delete(this);
    if (this.#isStopped) return;
    if (this.#wantsToBeTold) {
      this.#wantsToBeTold = false;
      this.lane.say({ type: "connected", id: this.#cursor(gaps.lowWater), through: this.#reach, caughtUp: true });
    }
    groups.join(this, { after: gaps.lowWater, prev: this.#prev });
  }

  async #begin(): Promise<void> {
    const { lastEventId } = this.filter;
    const from = lastEventId === undefined ? undefined : await this.source.resumeFrom(lastEventId);
    if (this.#isStopped) return;
    if (from === undefined) this.#listenFromNow();
    else {
      this.#safe = from;
      this.#listenFrom(from);
    }
    this.lane.say({ type: "connected", id: this.#cursor(0), through: this.#reach });
    if (from === undefined && lastEventId !== undefined) this.#sayReset();
  }

  #listenFrom(after: number): void {
    this.#after = after;
    this.#reach = this.source.gaps.high;
    this.#late = undefined;
    this.#fresh = undefined;
    this.source.walkers.add(this);
  }

  /** What is open below the last number will come late. */
  #listenFromNow(): void {
    this.#listenFrom(this.source.gaps.high);
    this.#safe = this.source.gaps.lowWater;
    this.#prev = null;
  }

  #resetNow(): void {
    this.#mustReset = false;
    this.#listenFromNow();
    this.#sayReset();
  }

  #sayReset(): void {
    this.lane.say({ type: "reset", id: this.#cursor(0) });
  }

  #hasCaughtUp(): boolean {
    if (this.#mustReset) return false;
    return this.#after === this.#reach && !this.#late?.length && this.#fresh === undefined;
  }

  async #goOn(): Promise<void> {
    if (this.#mustReset) return this.#resetNow();
    // Too much was heard to be kept: the table has it.
    if (this.#fresh === null) {
      this.#reach = this.source.gaps.high;
      this.#fresh = undefined;
    }
    if (this.#after !== this.#reach) await this.#readOn(this.#after ?? 0, this.#reach);
    else await this.#sendHeard();
  }

  /** Sends the next page, with the late commits that it does not show. */
  async #readOn(after: number, reach: number): Promise<void> {
    const { gaps, page } = this.source;
    const { lowWater } = gaps;
    const { events, isLast, isKept } = await page(this.filter, after, this.#limit);
    if (this.#isStopped || this.#mustReset) return;
    if (!isKept) return this.#resetNow();
    this.#limit = limitAfter(events);
    const shown = events.filter(({ seq }) => seq <= reach);
    const through = isLast || shown.length < events.length ? reach : (shown.at(-1)?.seq ?? reach);
    const seqs = new Set(shown.map(({ seq }) => seq));
    // What the reader has yet to find it brings in order: the rest of its transaction may lie behind us.
    const found = shown.filter(({ seq }) => !gaps.isOpen(seq));
    const late = this.#late?.filter(({ event }) => event.seq <= through && !seqs.has(event.seq)) ?? [];
    this.#late = undefined;
    this.#after = through;
    // By number, so that no cursor is ahead of what is sent behind it. It is each entity's order as well.
    const outgoing = [...late.map(({ event }) => event), ...found].sort((one, other) => one.seq - other.seq);
    await this.#send(outgoing.map((event) => ({ event, cursor: Math.min(event.seq, lowWater) })));
  }

  async #sendHeard(): Promise<void> {
    const { late = [], fresh = [], after } = { late: this.#late, fresh: this.#fresh, after: this.#reach };
    if (fresh === null) return;
    this.#listenFrom(this.source.gaps.high);
    await this.#send([
      ...late.map(({ event, lowWater }) => ({ event, cursor: Math.min(lowWater, after) })),
      ...fresh.map(({ event, lowWater }) => ({ event, cursor: lowWater })),
    ]);
  }

  /** What cannot be written out or sent cannot be told: the lane is told so instead. */
  async #send(outgoing: { event: StoredEvent; cursor: number }[]): Promise<void> {
    try {
      let rest = outgoing.map(({ event, cursor }) => {
        const written = this.form.write(event, { id: this.#cursor(cursor), prev: this.#prev });
        this.#prev = event.seq;
        return written;
      });
      while (rest.length > 0 && !this.#isStopped && !this.#mustReset) {
        rest = rest.slice(this.lane.send(rest));
        if (rest.length > 0) await this.lane.drained();
      }
    } catch (error) {
      this.source.onError(error);
      this.#mustReset = true;
    }
  }

  #cursor(seq: number): string {
    return this.source.cursorAt(Math.max(this.#safe, seq));
  }
}

function limitAfter(events: StoredEvent[]): number {
  const characters = events.reduce((sum, { json }) => sum + json.length, 1);
  return Math.max(1, Math.min(longestPage, Math.floor((pageCharacters * events.length) / characters)));
}
