import type { Envelope } from "../../server/realtime/events.ts";

/** Where a stream is: what to resume from, and whether an event follows on the one before it. */
export class StreamPlace {
  #last: number | null = null;
  #resumedAt: number | null = null;

  constructor(public cursor: string) {}

  /**
   * False when the event before this one never came: resume from the cursor. Numbers may go back, as for a commit that came
   * late, so it is the last one that counts, not the highest. Who has resumed there already goes on.
   */
  follows({ id, seq, prev }: Envelope): boolean {
    const hasHole = this.#last !== null && prev !== null && prev !== this.#last;
    if (hasHole && this.#resumedAt !== this.#last) {
      this.#resumedAt = this.#last;
      return false;
    }
    this.#last = seq;
    this.cursor = id;
    return true;
  }

  startOver(cursor: string): void {
    this.cursor = cursor;
    this.#last = null;
  }
}
