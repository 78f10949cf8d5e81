/** A jump wider than this is no set of running transactions: a sequence was moved by hand. */
const widest = 10_000;

/**
 * The numbers below the high-water mark that nobody has seen yet. Sequence numbers are handed out before commit, so a
 * gap is either a transaction that still runs or one that was rolled back. A gap is dead once every transaction that
 * could own it has ended: its bound is a transaction id taken after the read that first saw the gap, and a later
 * read's snapshot has nothing older than it still running.
 */
export class Gaps {
  high = 0;
  #bounds = new Map<number, bigint | null>();

  get size(): number {
    return this.#bounds.size;
  }

  /** Everything at or below is delivered or dead. */
  get lowWater(): number {
    const [lowest] = this.#bounds.keys();
    return lowest === undefined ? this.high : lowest - 1;
  }

  isOpen(seq: number): boolean {
    return this.#bounds.has(seq);
  }

  numbers(): number[] {
    return [...this.#bounds.keys()];
  }

  open(seq: number): void {
    this.#bounds.set(seq, null);
  }

  /** Takes note of a number that was seen; false when it was seen before. */
  see(seq: number): boolean {
    if (seq <= this.high) return this.#bounds.delete(seq);
    for (let missing = Math.max(this.high + 1, seq - widest); missing < seq; missing++) this.open(missing);
    this.high = seq;
    return true;
  }

  hasUnbounded(): boolean {
    for (const bound of this.#bounds.values()) if (bound === null) return true;
    return false;
  }

  /** `xid` is a transaction id taken after the read that showed these gaps. */
  bind(xid: bigint): void {
    for (const [seq, bound] of this.#bounds) if (bound === null) this.#bounds.set(seq, xid);
  }

  /** Drops those of `asked` that a read with this oldest running transaction did not find and whose owners have ended. */
  bury(asked: number[], oldestRunning: bigint): void {
    for (const seq of asked) {
      const bound = this.#bounds.get(seq);
      if (bound != null && oldestRunning >= bound) this.#bounds.delete(seq);
    }
  }
}
