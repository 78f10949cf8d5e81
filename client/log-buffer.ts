import { storable } from "./text.ts";

export interface LogEntry {
  level: "debug" | "info" | "warn" | "error";
  text: string;
  at: Date;
}

const batchSize = 200;
const maxWaiting = 5_000;
const maxText = 8_000;

export interface LogWay {
  /** `offset` is how many lines were taken before these: a repeat of the call is told by it. */
  send(entries: LogEntry[], offset: number): Promise<void>;
  /** These lines will not be sent again. */
  onRefused(error: unknown, entries: LogEntry[]): void;
}

/**
 * Keeps a run's log lines in order and sends them in batches, one batch at a time. Memory is bounded: when the server
 * is away for long, the oldest lines that still wait are dropped and a line says how many.
 */
export function createLogBuffer({ send, onRefused }: LogWay) {
  let waiting: LogEntry[] = [];
  let taken = 0;
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
      try {
        await send(batch, taken);
        taken += batch.length;
      } catch (error) {
        onRefused(error, batch);
      }
    }
  }

  return {
    add(level: LogEntry["level"], text: string): void {
      waiting.push({ level, text: storable(text, maxText), at: new Date() });
      if (waiting.length > maxWaiting) {
        waiting.shift();
        dropped++;
      }
      // Lines written in one go travel together.
      sending ??= Promise.resolve()
        .then(sendAll)
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
