import type { Connection } from "./live-store.ts";

/** What the connection chip says: Live, Catching up with so many, Offline. The server says when all that was missed has come. */
export class Chip {
  #isConnected = false;
  /** What the page shows is too old to be caught up with; until it has new rows it does not call itself live. */
  #isStale = false;
  /** It was not live before, and does not know yet what was missed. */
  #isFresh = false;
  #through = 0;
  #behind = 0;

  /** What to say now, where this is said already; undefined while that still holds. */
  next(said: Connection): Pick<Connection, "state" | "behind"> | undefined {
    const state = this.#state();
    // Until it was live for the first time, it is connecting.
    if (said.state === "connecting" && state !== "live" && this.#behind === 0) return undefined;
    return state === said.state && this.#behind === said.behind ? undefined : { state, behind: this.#behind };
  }

  /** `through`: the number up to which events are of the past. */
  connected(through: number, said: Connection): void {
    this.#isConnected = true;
    this.#isFresh = said.state !== "live";
    this.#through = through;
    this.#behind = 0;
  }

  sawEvent(seq: number): void {
    if (seq <= this.#through) this.#behind += 1;
  }

  caughtUp(): void {
    this.#isFresh = false;
    this.#behind = 0;
  }

  staled(): void {
    this.#isStale = true;
  }

  reloaded(): void {
    this.#isStale = false;
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#behind = 0;
  }

  #state(): Connection["state"] {
    if (!this.#isConnected) return "offline";
    return this.#isStale || this.#isFresh || this.#behind > 0 ? "catching-up" : "live";
  }
}
