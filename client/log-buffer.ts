export interface LogEntry {
  level: "debug" | "info" | "warn" | "error";
  text: string;
  at: Date;
}

const batchSize = 200;
const maxWaiting = 5_000;
const maxText = 8_000;

/**
 * Keeps a run's log lines in order and sends them in batches, one batch at a time. Memory is bounded: when the server
 * is away for long, the oldest lines that still wait are dropped and a line says how many.
 */
export function createLogBuffer(send: (entries: LogEntry[]) => Promise<void>) {
  let waiting: LogEntry[] = [];
  let dropped = 0;
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      waiting = waiting.slice(batch.length);
      if (dropped > 0) {
        batch.unshift({ level: "warn", text: `${dropped} lines were left out here`, at: new Date() });
        dropped = 0;
      }
      await send(batch);
    }
  }

  return {
    add(level: LogEntry["level"], text: string): void {
      waiting.push({ level, text: text.replaceAll("\u0000", "\uFFFD").slice(0, maxText), at: new Date() });
      if (waiting.length > maxWaiting) {
        waiting.shift();
        dropped++;
      }
      // Lines written in one go travel together.
      sending ??= Promise.resolve()
        .then(sendAll)
        .catch(() => {
          waiting = [];
        })
        .finally(() => {
          sending = undefined;
        });
    },
    /** Resolves when all that was added has been sent or given up. */
    async flush(): Promise<void> {
      while (sending) await sending;
    },
  };
}
