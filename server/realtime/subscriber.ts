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

  /** All that waits, at least one; undefined after `close`. */
  async take(): Promise<Delivery[] | undefined> {
    for (;;) {
      if (this.#isTooSlow) throw new TooSlow();
      if (this.#isClosed) return undefined;
      if (this.#waiting.length > 0) {
        const taken = this.#waiting;
        this.#waiting = [];
        return taken;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function matches({ channels, workflowId, taskId }: StreamFilter, event: StoredEvent): boolean {
  if (channels && !channels.includes(event.channel)) return false;
  if (workflowId && event.workflowId !== workflowId) return false;
  return !taskId || event.taskId === taskId;
}
