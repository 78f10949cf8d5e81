/**
 * Wakes those who wait for something to change in the database: all, or one by name. A wake-up is a hint: the woken look
 * again.
 */
export class WorkSignal {
  readonly #waiting: Map<string, Set<() => void>>;
  readonly #who: string;

  /** Without arguments: a signal of its own, on which nobody waits under a name. */
  constructor(waiting = new Map<string, Set<() => void>>(), who = "") {
    this.#waiting = waiting;
    this.#who = who;
  }

  /** The same signal for one who waits under this name. */
  of(who: string): WorkSignal {
    return new WorkSignal(this.#waiting, who);
  }

  wake(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) for (const wake of waiting) wake();
  }

  /** Wakes only who waits under this name. */
  wakeOne(who: string): void {
    const waiting = this.#waiting.get(who);
    this.#waiting.delete(who);
    for (const wake of waiting ?? []) wake();
  }

  /** Whether anybody waits; with a name, under that name. */
  isAwaited(who?: string): boolean {
    return who === undefined ? this.#waiting.size > 0 : this.#waiting.has(who);
  }

  /** Wakes in `ms` milliseconds, at once when that is not in the future. The timer does not keep the process alive. */
  wakeIn(ms: number): void {
    if (ms <= 0) this.wake();
    else setTimeout(() => this.wake(), ms).unref();
  }

  /** Resolves at the next wake-up, after `ms` milliseconds, or when `signal` aborts, whichever is first. */
  next(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#leave(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#join(done);
      if (signal?.aborted) done();
      else signal?.addEventListener("abort", done, { once: true });
    });
  }

  #join(wake: () => void): void {
    const waiting = this.#waiting.get(this.#who);
    if (waiting) waiting.add(wake);
    else this.#waiting.set(this.#who, new Set([wake]));
  }

  #leave(wake: () => void): void {
    const waiting = this.#waiting.get(this.#who);
    waiting?.delete(wake);
    if (waiting?.size === 0) this.#waiting.delete(this.#who);
  }
}

/** Why waiting ends early although whoever asked still listens. */
export const serverStops = new DOMException("The server stops", "AbortError");

/**
 * Asks until there is an answer, `waitMs` has passed or the caller is gone. It listens before it asks, so nothing that
 * happens in between is missed.
 */
export async function askUntil<Answer>(
  signal: WorkSignal,
  { waitMs, abort }: { waitMs: number; abort?: AbortSignal | undefined },
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  if (waitMs === 0) return ask();
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = deadline - performance.now();
    const listening = new AbortController();
    const woken = left > 0 ? signal.next(left, listening.signal) : undefined;
    const answer = await ask();
    if (answer !== undefined || !woken || abort?.aborted) {
      listening.abort();
      return answer;
    }
    abort?.addEventListener("abort", () => listening.abort(), { once: true, signal: listening.signal });
    await woken;
    listening.abort();
    if (abort?.aborted) return undefined;
  }
}
