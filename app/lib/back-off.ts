const firstMs = 500;
/** So that a page is live again soon after the factory is, however long it was away. */
const longestMs = 5_000;

/**
 * How long to wait before the nth try, with full jitter: anywhere between nothing and the doubled step, so that
 * thousands of pages do not come back in the same second.
 */
export function retryDelayMs(attempt: number, random = Math.random): number {
  const step = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16));
  return Math.floor(random() * step);
}
