import type { Envelope } from "./events.ts";
import { envelopeForm } from "./forms.ts";
import type { Lane, StreamMark, StreamMessage } from "./log.ts";

/** What waits here at most; the rest waits in the table. */
const capacity = 100;

/** A lane whose messages are taken one by one. */
export class Inbox implements Lane<Envelope> {
  readonly form = envelopeForm;
  #waiting: StreamMessage[] = [];
  #isClosed = false;
  #onNews = () => {};
  #onDrained = () => {};

  say(mark: StreamMark): void {
    this.#waiting.push(mark);
    this.#onNews();
  }

  send(written: Envelope[]): number {
    const taken = written.slice(0, Math.max(0, capacity - this.#waiting.length));
    this.#waiting.push(...taken);
    this.#onNews();
    return taken.length;
  }

  async drained(): Promise<void> {
    while (this.#waiting.length >= capacity && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#onNews();
    this.#onDrained();
  }

  /** Until it is closed. */
  async *messages(): AsyncGenerator<StreamMessage> {
    while (!this.#isClosed) {
      const next = this.#waiting.shift();
      if (next) yield next;
      else {
        this.#onDrained();
        await new Promise<void>((resolve) => {
          this.#onNews = resolve;
        });
      }
    }
  }
}
