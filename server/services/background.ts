import type { Background } from "./context.ts";

/** Before the first turn: whoever was woken by the same commit goes first. */
const settleMs = 20;
/** Pause between two turns of the same work, so that a burst of changes costs a few turns and not one each. */
const spacingMs = 250;
/** A turn that takes long makes its pause longer, so that no work takes more than a tenth of the time. */
const pauseToTurn = 9;
/** However long a turn took on a busy machine, what it keeps up to date is not later than this. */
const longestPauseMs = 2000;

/** One name's work. */
interface Line {
  /** What was asked for last and has not begun. */
  next: (() => Promise<unknown>) | undefined;
  isUrgent: boolean;
  ended: Promise<void>;
  /** Ends the pause under way. */
  skip?: (() => void) | undefined;
  /** The same, while it is one that urgent work need not keep. */
  hurry?: (() => void) | undefined;
}

/**
 * Runs named work one at a time per name: soon when it has been quiet, and once more after a pause for all that was
 * asked for meanwhile. What is urgent keeps only the pause that a long turn asks for; `drain` skips all of them.
 */
export function createBackground(onError: (name: string, error: unknown) => void): Background {
  const lines = new Map<string, Line>();
  let isDraining = false;

  async function runUntilQuiet(name: string, line: Line): Promise<void> {
    if (!line.isUrgent) await pause(line, settleMs, { canHurry: true });
    for (let work = line.next; work; work = line.next) {
      Object.assign(line, { next: undefined, isUrgent: false });
      const start = performance.now();
      try {
        await work();
      } catch (error) {
        onError(name, error);
      }
      const rest = Math.min(longestPauseMs, pauseToTurn * (performance.now() - start));
      await pause(line, rest);
      if (!line.isUrgent) await pause(line, spacingMs - rest, { canHurry: true });
    }
    lines.delete(name);
  }

  async function pause(line: Line, ms: number, { canHurry = false } = {}): Promise<void> {
    if (isDraining || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      line.skip = () => {
        clearTimeout(timer);
        resolve();
      };
      if (canHurry) line.hurry = line.skip;
    });
    Object.assign(line, { skip: undefined, hurry: undefined });
  }

  return {
    run(name, work, { isUrgent = false } = {}) {
      const line = lines.get(name);
      if (line) {
        line.next = work;
        line.isUrgent ||= isUrgent;
        if (isUrgent) line.hurry?.();
        return;
      }
      const fresh: Line = { next: work, isUrgent, ended: Promise.resolve() };
      lines.set(name, fresh);
      fresh.ended = runUntilQuiet(name, fresh);
    },
    async drain() {
      isDraining = true;
      while (lines.size > 0) {
        for (const line of lines.values()) line.skip?.();
        await Promise.all([...lines.values()].map((line) => line.ended));
      }
      isDraining = false;
    },
  };
}
