import type { StoredEvent } from "./events.ts";
import { type StreamFilter, TooSlow } from "./log.ts";

/** An event on its way to the subscribers, shared by all of them. */
export interface Delivery {
  event: StoredEvent;
  lowWater: number;
}

/** What a subscriber has not taken yet. It is bounded: whoever falls behind is let go and resumes by cursor. */
export class Subscriber {
  #waiting: Delivery[] = [];
  #isTooSlow = false;
  #isClosed = false;
  #wake = () => {};

  constructor(
    readonly filter: StreamFilter,
    readonly capacity: number,
  ) {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hasNews(): boolean {
    return this.#isClosed || this.#isTooSlow || this.#waiting.length > 0;
  }

  offer(delivery: Delivery): void {
    if (this.#isTooSlow || !matches(this.filter, delivery.event)) return;
    this.#waiting.push(delivery);
    if (this.#waiting.length > this.capacity) {
      this.#isTooSlow = true;
      this.#waiting = [];
    }
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** All that waits; throws when too much did. */
  take(): Delivery[] {
    if (this.#isTooSlow) throw new TooSlow();
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Resolves when there is something to take, or after `close`. */
  async news(): Promise<void> {
    while (!this.hasNews) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export function matches({ channels, workflowId, taskId }: StreamFilter, event: StoredEvent): boolean {
  if (channels && !channels.includes(event.channel)) return false;
  if (workflowId && event.workflowId !== workflowId) return false;
  return !taskId || event.taskId === taskId;
}
