import type { Background } from "./context.ts";

/** Pause between two turns of the same work, so that a burst of changes costs a few turns and not one each. */
const spacingMs = 250;
/** A turn that takes long makes its pause longer, so that no work takes more than a tenth of the time. */
const pauseToTurn = 9;

/**
 * Runs named work one at a time per name: at once when it has been quiet, and once more after a pause for all that was
 * asked for meanwhile. `drain` skips the pauses.
 */
export function createBackground(onError: (name: string, error: unknown) => void): Background {
  const running = new Map<string, Promise<void>>();
  const wantedAgain = new Map<string, () => Promise<unknown>>();
  const pauses = new Set<() => void>();
  let isDraining = false;

  async function runUntilQuiet(name: string, work: () => Promise<unknown>): Promise<void> {
    for (let next: (() => Promise<unknown>) | undefined = work; next; ) {
      const start = performance.now();
      try {
        await next();
      } catch (error) {
        onError(name, error);
      }
      await pause(Math.max(spacingMs, pauseToTurn * (performance.now() - start)));
      next = wantedAgain.get(name);
      wantedAgain.delete(name);
    }
    running.delete(name);
  }

  function pause(ms: number): Promise<void> {
    if (isDraining) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      pauses.add(end);
    });
  }

  return {
    run(name, work) {
      if (running.has(name)) wantedAgain.set(name, work);
      else running.set(name, runUntilQuiet(name, work));
    },
    async drain() {
      isDraining = true;
      while (running.size > 0) {
        for (const end of pauses) end();
        await Promise.all(running.values());
      }
      isDraining = false;
    },
  };
}
