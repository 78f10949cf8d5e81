const firstMs = 500;
const longestMs = 30_000;

/**
 * How long to wait before the nth try, with full jitter: anywhere between nothing and the doubled step, so that
 * thousands of pages do not come back in the same second.
 */
export function retryDelayMs(attempt: number, random = Math.random): number {
  const step = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16));
  return Math.floor(random() * step);
}
