import type { Background } from "./context.ts";

/** Runs named work one at a time per name; a second request while it runs makes it run once more, never twice at once. */
export function createBackground(onError: (name: string, error: unknown) => void): Background {
  const running = new Map<string, Promise<void>>();
  const wantedAgain = new Map<string, () => Promise<unknown>>();

  async function runUntilQuiet(name: string, work: () => Promise<unknown>): Promise<void> {
    for (let next: (() => Promise<unknown>) | undefined = work; next; ) {
      try {
        await next();
      } catch (error) {
        onError(name, error);
      }
      next = wantedAgain.get(name);
      wantedAgain.delete(name);
    }
    running.delete(name);
  }

  return {
    run(name, work) {
      if (running.has(name)) wantedAgain.set(name, work);
      else running.set(name, runUntilQuiet(name, work));
    },
    async drain() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
