import type { StoredEvent } from "./events.ts";

export type BusListener = (events: StoredEvent[]) => void;

/**
 * Carries committed events to every instance, this one included. It is the fast path and never trusted: what it loses
 * the log's reader finds in the table.
 */
export interface Bus {
  kind: "memory" | "redis";
  /** Never waits, never throws. */
  publish(events: StoredEvent[]): void;
  subscribe(listener: BusListener): void;
  /** Whether other instances hear us and we hear them. */
  isHealthy(): boolean;
  /** How many messages were dropped because no instance of ours wrote them, or not in our way. */
  refused(): number;
  /** Speaks and hears only with those of this log from here on. */
  moveTo(epoch: string): void;
  close(): Promise<void>;
}

/** For a single process. */
export function memoryBus(): Bus {
  const listeners = new Set<BusListener>();
  return {
    kind: "memory",
    publish: (events) => {
      for (const listener of listeners) listener(events);
    },
    subscribe: (listener) => void listeners.add(listener),
    isHealthy: () => true,
    refused: () => 0,
    moveTo() {},
    close: async () => listeners.clear(),
  };
}
