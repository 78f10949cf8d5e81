/** Wakes everybody who waits for something to change in the database. A wake-up is a hint: the woken look again. */
export class WorkSignal {
  #waiting = new Set<() => void>();

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
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
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      if (signal?.aborted) done();
      else signal?.addEventListener("abort", done, { once: true });
    });
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
