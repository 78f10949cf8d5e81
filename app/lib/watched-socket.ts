const askAfterMs = 10_000;
const answerWithinMs = 5000;

/**
 * A WebSocket that notices when the other side is gone without a word, as after a sleep or a changed network: it asks
 * after a silence, and without an answer it counts as closed at once. The browser's own closing would wait for long.
 */
export class WatchedSocket extends WebSocket {
  #silence: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener("open", () => this.#heard());
    this.addEventListener("message", () => this.#heard());
    this.addEventListener("close", () => this.#rest());
  }

  /** Asks now whether the other side is still there. tRPC's server answers PING with PONG. */
  ask(): void {
    if (this.readyState !== WebSocket.OPEN || this.#patience !== undefined) return;
    this.send("PING");
    this.#patience = setTimeout(() => this.#giveUp(), answerWithinMs);
  }

  #heard(): void {
    this.#rest();
    this.#silence = setTimeout(() => this.ask(), askAfterMs);
  }

  #rest(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #giveUp(): void {
    this.close();
    this.dispatchEvent(new CloseEvent("close"));
  }
}
