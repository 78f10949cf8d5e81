const baseMs = 200;
const maxMs = 30_000;

/** Milliseconds to wait before the next try: anywhere from 0 to 0.2, 0.4, 0.8 … 30 s, so that many clients spread out. */
export const fullJitter = (attempt: number, random = Math.random(), mostMs = maxMs): number =>
  random * Math.min(maxMs, mostMs, baseMs * 2 ** Math.min(attempt, 20));

/** Resolves after `ms`, at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done, { once: true });
  });
}
