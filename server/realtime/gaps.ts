/** Numbers from `low` to `high`, both included. */
export interface Range {
  low: number;
  high: number;
}

interface Gap extends Range {
  bound: bigint | null;
  /** Nobody knows any more which of its numbers were seen. */
  isLost: boolean;
}

/**
 * The numbers below the high-water mark that nobody has seen yet, as ranges. Sequence numbers are handed out before
 * commit, so a gap is either a transaction that still runs or one that was rolled back. A gap is dead once every
 * transaction that could own it has ended: its bound is a transaction id taken after the read that first saw the gap,
 * and a later read's snapshot has nothing older than it still running.
 *
 * The number of ranges is bounded. Beyond it the oldest are taken together as one that is lost: what commits in there is
 * not told, and when it is dead, everybody has to be told to load everything anew.
 */
export class Gaps {
  high = 0;
  /** In order, apart from each other. */
  #gaps: Gap[] = [];

  constructor(readonly most = 10_000) {}

  /** How many ranges. */
  get size(): number {
    return this.#gaps.length;
  }

  /** Everything at or below is delivered or dead. */
  get lowWater(): number {
    const [lowest] = this.#gaps;
    return lowest ? lowest.low - 1 : this.high;
  }

  isOpen(seq: number): boolean {
    const gap = this.#gaps[this.#indexOf(seq)];
    return gap !== undefined && gap.low <= seq;
  }

  /** Where the table may yet show something that was not seen. */
  ranges(): Range[] {
    return this.#gaps.flatMap(({ low, high, isLost }) => (isLost ? [] : [{ low, high }]));
  }

  /** Forgets everything and begins at this number, with these numbers below it not seen. */
  begin(high: number, gaps: Range[]): void {
    this.high = high;
    this.#gaps = gaps.map(({ low, high }) => ({ low, high, bound: null, isLost: false }));
    this.#limit();
  }

  /** Takes note of a number that was seen; false when it was seen before. */
  see(seq: number): boolean {
    if (seq <= this.high) return this.#close(seq);
    if (seq > this.high + 1) {
      this.#gaps.push({ low: this.high + 1, high: seq - 1, bound: null, isLost: false });
      this.#limit();
    }
    this.high = seq;
    return true;
  }

  hasUnbounded(): boolean {
    return this.#gaps.some(({ bound }) => bound === null);
  }

  /** `xid` is a transaction id taken after the read that showed these gaps. */
  bind(xid: bigint): void {
    for (const gap of this.#gaps) gap.bound ??= xid;
  }

  /**
   * Drops those up to number `through` that a read with this oldest running transaction did not find and whose owners
   * have ended. True when some of these were lost.
   */
  bury(oldestRunning: bigint, through = Number.POSITIVE_INFINITY): boolean {
    let hasLost = false;
    this.#gaps = this.#gaps.flatMap((gap) => {
      const { bound, isLost, low, high } = gap;
      if (bound === null || oldestRunning < bound) return [gap];
      if (isLost) hasLost = true;
      else if (high > through) return [{ ...gap, low: Math.max(low, through + 1) }];
      return [];
    });
    return hasLost;
  }

  #close(seq: number): boolean {
    const index = this.#indexOf(seq);
    const gap = this.#gaps[index];
    if (!gap || gap.low > seq || gap.isLost) return false;
    const below = seq > gap.low ? [{ ...gap, high: seq - 1 }] : [];
    const above = seq < gap.high ? [{ ...gap, low: seq + 1 }] : [];
    this.#gaps.splice(index, 1, ...below, ...above);
    this.#limit();
    return true;
  }

  /** The index of the first gap that does not end below this number. */
  #indexOf(seq: number): number {
    let [from, to] = [0, this.#gaps.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#gaps[middle]?.high ?? seq) < seq) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #limit(): void {
    if (this.#gaps.length <= this.most) return;
    const oldest = this.#gaps.splice(0, this.#gaps.length - (this.most >> 1));
    const [low, high] = [oldest[0]?.low ?? 0, oldest.at(-1)?.high ?? 0];
    // Its bound is taken anew: those of its parts may have been taken before others of them were seen.
    this.#gaps.unshift({ low, high, bound: null, isLost: true });
  }
}
