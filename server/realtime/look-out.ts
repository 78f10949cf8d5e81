/** Out of order by a hair is the rule when several transactions commit at once; the bus mostly brings the rest. */
const soonMs = 10;
const silenceMs = 1000;
/** Between two looks at most: what the bus brings in order may be old. */
const longestMs = 1500;

export interface Found {
  /** There is more to read at once. */
  more: boolean;
  /** A gap is open: a transaction that still runs, or one whose end is not certain yet. */
  missing: boolean;
}

/**
 * Decides when the reader looks in the table: soon after the bus brought something that does not follow, less and less
 * often while only a gap stays open, after a second of silence, and after one and a half in any case. One look at a time.
 */
export class LookOut {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #pause = soonMs;
  #heardAt = performance.now();
  #lookedAt = performance.now();
  #isClosed = false;

  constructor(
    readonly look: () => Promise<Found>,
    readonly onError: (error: unknown) => void,
  ) {
    this.#schedule(silenceMs);
  }

  /** The bus brought what was next: the table needs no look for a while. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** The bus brought something that does not follow what is known. */
  soon(): void {
    this.#isWanted = true;
    this.#schedule(soonMs);
  }

  /** Resolves after a look that began after the call; throws when that look failed. */
  async now(): Promise<void> {
    await this.#looking?.catch(() => {});
    await this.#lookOnce();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking?.catch(() => {});
  }

  #schedule(ms: number): void {
    const due = performance.now() + ms;
    if (this.#isClosed || due >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = due;
    this.#timer = setTimeout(() => this.#ring(), ms);
  }

  #ring(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const wait = Math.min(this.#heardAt + silenceMs, this.#lookedAt + longestMs) - performance.now();
    if (this.#looking) this.#schedule(soonMs);
    else if (this.#isWanted || wait <= 0) this.#lookOnce().catch(this.onError);
    else this.#schedule(wait);
  }

  #lookOnce(): Promise<void> {
    this.#looking ??= this.#lookUntilRead().finally(() => {
      this.#looking = undefined;
      this.#schedule(this.#isWanted ? this.#pause : silenceMs);
    });
    return this.#looking;
  }

  async #lookUntilRead(): Promise<void> {
    this.#isWanted = false;
    this.#lookedAt = performance.now();
    let found = await this.look();
    while (found.more && !this.#isClosed) found = await this.look();
    this.#isWanted ||= found.missing;
    this.#pause = found.missing ? Math.min(this.#pause * 2, silenceMs) : soonMs;
  }
}
