import { type EventTable, lookSize } from "./event-table.ts";
import type { StoredEvent } from "./events.ts";
import { Gaps } from "./gaps.ts";

/** Of what the bus brought before its turn. */
const heldAtMost = 1000;

export interface Found {
  /** There is more to read at once. */
  more: boolean;
  /** What was committed cannot all be told: everybody has to load everything anew. */
  hasLost: boolean;
}

/**
 * Reads the event log in order, each committed event once, late commits included. `deliver` gets the event and the
 * low-water mark after it. Per entity the order is that of the commits: an event comes straight from the bus only when
 * it is the very next and nothing below it is open; otherwise the table says what came first.
 */
export class Reader {
  #held = new Map<number, StoredEvent>();

  private constructor(
    readonly table: EventTable,
    readonly deliver: (event: StoredEvent, lowWater: number) => void,
    readonly gaps: Gaps,
  ) {}

  static async start(
    table: EventTable,
    deliver: (event: StoredEvent, lowWater: number) => void,
    gaps = new Gaps(),
  ): Promise<Reader> {
    const reader = new Reader(table, deliver, gaps);
    const { high, gaps: missing } = await table.begin();
    gaps.begin(high, missing);
    await reader.#bindGaps();
    // Most gaps are old roll-backs, and this look says so.
    await reader.look();
    return reader;
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

  /** Asks the table once. */
  async look(): Promise<Found> {
    const { oldestRunning, events } = await this.table.look(this.gaps.high, this.gaps.ranges());
    for (const event of events) this.#see(event);
    const isFull = events.length >= lookSize;
    // Above its last event a full look has not read what is in the gaps.
    const hasLost = this.gaps.bury(oldestRunning, isFull ? events.at(-1)?.seq : undefined);
    await this.#bindGaps();
    for (const seq of this.#held.keys()) if (seq <= this.gaps.high) this.#held.delete(seq);
    return { more: isFull, hasLost };
  }

  #see(event: StoredEvent): void {
    this.#held.delete(event.seq);
    if (this.gaps.see(event.seq)) this.deliver(event, this.gaps.lowWater);
  }

  async #bindGaps(): Promise<void> {
    if (this.gaps.hasUnbounded()) this.gaps.bind(await this.table.freshXid());
  }
}
