import { fullJitter, sleep } from "./backoff.ts";
import { isTooBig, isTransient, NoAnswer, retryAfterMs, TooBig } from "./errors.ts";

interface CallOptions {
  signal: AbortSignal;
  /** How long one try may take. Default 20,000. */
  timeoutMs?: number;
}

type Call<Answer> = (signal: AbortSignal) => Promise<Answer>;

/** How one agent's calls are made. They share what is known of the factory. */
export interface Caller {
  /** Tries until the factory answers for good, with full jitter between tries; gives up when the signal aborts. */
  persist<Answer>(options: CallOptions, call: Call<Answer>): Promise<Answer>;
  /** Tries once. */
  attempt<Answer>(options: CallOptions, call: Call<Answer>): Promise<Answer>;
}

/** `report` gets one message when the factory stops answering and one when it is back, whichever call noticed. */
export function createCaller(report: (message: string) => void): Caller {
  let isAway = false;

  async function attempt<Answer>({ signal, timeoutMs = 20_000 }: CallOptions, call: Call<Answer>): Promise<Answer> {
    try {
      const answer = await within(timeoutMs, signal, call);
      if (isAway) report("The factory answers again.");
      isAway = false;
      return answer;
    } catch (error) {
      if (isTooBig(error)) throw new TooBig();
      if (!signal.aborted && isTransient(error)) {
        if (!isAway) report(`The factory does not answer (${wordsOf(error)}). Trying until it does.`);
        isAway = true;
      }
      throw error;
    }
  }

  async function persist<Answer>(options: CallOptions, call: Call<Answer>): Promise<Answer> {
    const { signal } = options;
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(options, call);
      } catch (error) {
        if (signal.aborted || !isTransient(error)) throw error;
        await sleep(Math.max(fullJitter(tries), retryAfterMs(error)), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  return { attempt, persist };
}

/** The answer, or a rejection at the time limit or the signal: a connection that was cut silently would wait for ever. */
async function within<Answer>(ms: number, signal: AbortSignal, call: Call<Answer>): Promise<Answer> {
  signal.throwIfAborted();
  const own = new AbortController();
  const onAbort = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new NoAnswer(`no answer within ${Math.round(ms / 1000)} s`)), ms);
  signal.addEventListener("abort", onAbort, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
  });
  try {
    return await Promise.race([call(own.signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** fetch says what happened in its cause, in Node and in Bun each in its way. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? wordsOf(error.cause) : error.message;
}
