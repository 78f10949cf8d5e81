/** A task that may be claimed, as far as it matters to who may want it. */
export interface Offer {
  workflowId: string;
  requiredCapabilities: string[];
  assignedAgentId: string | null;
}

interface Waiter {
  wake(offer?: Offer): void;
  /** Whether it would take this task; undefined while it does not know itself. */
  wants?: ((offer: Offer) => boolean | undefined) | undefined;
}

/** So many are woken for one task: one takes it, and another is there should the first have gone. */
const enough = 2;

/**
 * Wakes those who wait for something to change in the database: all, one by name, or some for a task. A wake-up is a hint: the
 * woken look again.
 */
export class WorkSignal {
  readonly #waiting: Map<string, Set<Waiter>>;
  readonly #who: string;

  /** Without arguments: a signal of its own, on which nobody waits under a name. */
  constructor(waiting = new Map<string, Set<Waiter>>(), who = "") {
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
    for (const waiting of all) for (const { wake } of waiting) wake();
  }

  /** Wakes only who waits under this name. */
  wakeOne(who: string): void {
    const waiting = this.#waiting.get(who);
    this.#waiting.delete(who);
    for (const { wake } of waiting ?? []) wake();
  }

  /**
   * Wakes enough of those who want this task, the longest waiting first, and everybody who does not know yet whether they do.
   * To wake all for each of many tasks would make as many claims as there are agents, for one that gets it.
   */
  offer(task: Offer): void {
    let left = enough;
    for (const waiter of [...this.#waiting.values()].flatMap((waiting) => [...waiting])) {
      const wants = waiter.wants?.(task);
      if (wants === undefined || (wants && left-- > 0)) waiter.wake(task);
    }
  }

  /** Offers it in `ms` milliseconds, at once when that is not in the future. The timer does not keep the process alive. */
  offerIn(ms: number, task: Offer): void {
    if (ms <= 0) this.offer(task);
    else setTimeout(() => this.offer(task), ms).unref();
  }

  /** Whether anybody waits; with a name, under that name. */
  isAwaited(who?: string): boolean {
    return who === undefined ? this.#waiting.size > 0 : this.#waiting.has(who);
  }

  /** Wakes all in `ms` milliseconds. The timer does not keep the process alive. */
  wakeIn(ms: number): void {
    setTimeout(() => this.wake(), ms).unref();
  }

  /**
   * Resolves at the next wake-up, after `ms` milliseconds, or when `signal` aborts, whichever is first; with the task, if it was
   * woken for one.
   */
  next(ms: number, signal?: AbortSignal, wants?: Waiter["wants"]): Promise<Offer | undefined> {
    return new Promise((resolve) => {
      const done = (offer?: Offer) => {
        clearTimeout(timer);
        this.#leave(waiter);
        signal?.removeEventListener("abort", end);
        resolve(offer);
      };
      const end = () => done();
      const waiter = { wake: done, wants };
      const timer = setTimeout(done, ms);
      this.#join(waiter);
      if (signal?.aborted) done();
      else signal?.addEventListener("abort", end, { once: true });
    });
  }

  #join(waiter: Waiter): void {
    const waiting = this.#waiting.get(this.#who);
    if (waiting) waiting.add(waiter);
    else this.#waiting.set(this.#who, new Set([waiter]));
  }

  #leave(waiter: Waiter): void {
    const waiting = this.#waiting.get(this.#who);
    waiting?.delete(waiter);
    if (waiting?.size === 0) this.#waiting.delete(this.#who);
  }
}

/** Why waiting ends early although whoever asked still listens. */
export const serverStops = new DOMException("The server stops", "AbortError");

/**
 * Asks until there is an answer, `waitMs` has passed or the caller is gone. It listens before it asks, so nothing that
 * happens in between is missed. Who was woken for a task and turns out not to want it, or fails, passes it on.
 */
export async function askUntil<Answer>(
  signal: WorkSignal,
  { waitMs, abort, wants }: { waitMs: number; abort?: AbortSignal | undefined; wants?: Waiter["wants"] },
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  if (waitMs === 0) return ask();
  const deadline = performance.now() + waitMs;
  let offer: Offer | undefined;
  const passOn = () => offer && signal.offer(offer);
  for (;;) {
    const left = deadline - performance.now();
    const listening = new AbortController();
    const woken = left > 0 ? signal.next(left, listening.signal, wants) : undefined;
    const answer = await ask().catch((error) => {
      listening.abort();
      passOn();
      throw error;
    });
    if (answer === undefined && offer && wants?.(offer) === false) passOn();
    if (answer !== undefined || !woken || abort?.aborted) {
      listening.abort();
      return answer;
    }
    abort?.addEventListener("abort", () => listening.abort(), { once: true, signal: listening.signal });
    offer = await woken;
    listening.abort();
    if (abort?.aborted) {
      passOn();
      return undefined;
    }
  }
}
