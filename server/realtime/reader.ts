import type { EventTable } from "./event-table.ts";
import type { StoredEvent } from "./events.ts";
import { Gaps } from "./gaps.ts";

/** Of what the bus brought before its turn. */
const heldAtMost = 1000;

export interface Found {
  /** There is more to read at once. */
  more: boolean;
  /** The table is another one, or is older than it was: this is no longer the same log. */
  isReplaced: boolean;
}

/**
 * Reads the event log in order, each committed event once, late commits included. `deliver` gets the event and the
 * low-water mark after it; `onLost` says that what was committed cannot all be told. Per entity the order is that of the commits: an event comes straight from the bus only when
 * it is the very next and nothing below it is open; otherwise the table says what came first.
 */
export class Reader {
  #held = new Map<number, StoredEvent>();
  /** What the last look saw. */
  #seen: { table: string; last: number } | undefined;

  private constructor(
    readonly table: EventTable,
    readonly deliver: (event: StoredEvent, lowWater: number) => void,
    readonly gaps: Gaps,
    readonly onLost: () => void,
  ) {}

  static async start(
    table: EventTable,
    deliver: (event: StoredEvent, lowWater: number) => void,
    gaps = new Gaps(),
    onLost = () => {},
  ): Promise<Reader> {
    const reader = new Reader(table, deliver, gaps, onLost);
    await reader.begin();
    return reader;
  }

  /** Goes on from the last number that there is. */
  async begin(): Promise<void> {
    const { high, gaps } = await this.table.begin();
    this.gaps.begin(high, gaps);
    this.#held.clear();
    this.#seen = undefined;
    await this.#bindGaps();
    // Most gaps are old roll-backs, and this look says so.
    await this.look();
  }

  /** Takes what the bus brought; true when the table has to be asked for the rest. */
  offer(events: StoredEvent[]): boolean {
    for (const event of events) {
      if (event.seq > this.gaps.high) this.#held.set(event.seq, event);
    }
    for (;;) {
      const next = this.gaps.size === 0 ? this.#held.get(this.gaps.high + 1) : undefined;
      if (!next) break;
      this.#see(next);
    }
    const isIncomplete = this.#held.size > 0 || this.gaps.size > 0;
    if (this.#held.size > heldAtMost) this.#held.clear();
    return isIncomplete;
  }

  /** Asks the table once. Of another log it takes nothing; that one is for `begin`. */
  async look(): Promise<Found> {
    const found = await this.table.look(this.gaps.high, this.gaps.ranges());
    const { table, first, last, events, isFull } = found;
    const isReplaced = this.#seen !== undefined && (table !== this.#seen.table || last < this.#seen.last);
    if (isReplaced) return { more: false, isReplaced };
    this.#seen = { table, last };
    // After a long standstill: what came next is no longer kept.
    const isTooLate = this.gaps.high > 0 && first > this.gaps.high + 1;
    for (const event of events) this.#see(event);
    // Above its last event a full look has not read what is in the gaps.
    const isLost = this.gaps.bury(found.oldestRunning, isFull ? events.at(-1)?.seq : undefined);
    // At once: the low-water mark has passed what was lost.
    if (isLost || isTooLate) this.onLost();
    await this.#bindGaps();
    for (const seq of this.#held.keys()) if (seq <= this.gaps.high) this.#held.delete(seq);
    return { more: isFull, isReplaced };
  }

  #see(event: StoredEvent): void {
    this.#held.delete(event.seq);
    if (this.gaps.see(event.seq)) this.deliver(event, this.gaps.lowWater);
  }

  async #bindGaps(): Promise<void> {
    if (this.gaps.hasUnbounded()) this.gaps.bind(await this.table.freshXid());
  }
}
