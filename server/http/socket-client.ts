import type { ServerWebSocket } from "bun";
import type { Credential } from "../auth/still-good.ts";
import type { Form } from "../realtime/groups.ts";
import type { Lane, StreamMark } from "../realtime/log.ts";

/** Above this many bytes waiting in the socket, its streams pause. */
const pauseAbove = 256 * 1024;
/** Above this many nothing more is answered. */
const answersAtMost = 1024 * 1024;
/** Above this Bun drops what it is given. */
export const dropAbove = 16 * answersAtMost;
/** A client that takes nothing for so long is let go; it resumes by cursor. */
const patienceMs = 10_000;
/** Messages at once, and what refills that each second. */
const burst = 500;
const perSecond = 200;

/** Close codes of the contract. */
export const tooBig = 1009;
export const revoked = 4401;
export const tooSlow = 4408;
export const tooMany = 4429;

/** What is told of something that went wrong on our side; the rest is in the log. */
export const fault = { code: 1011, reason: "Something went wrong on our side. Connect again in a while." };

export interface SocketData {
  client: SocketClient | undefined;
  /** What the handshake said about who it is; needed until that is known. */
  upgrade: Upgrade;
  requestId: string;
  /** Whether it speaks plain JSON (`/ws`) instead of tRPC. */
  isPlain: boolean;
}

export interface Upgrade {
  /** A message with connection parameters is to come first. */
  hasParams: boolean;
  bearer: string | undefined;
  /** Only from the site's own pages, which alone may use it. */
  cookie: string | undefined;
}

/** What is spoken on a socket. */
export interface Speaker {
  message(data: Buffer, isText: boolean): void;
  closed(code: number): void;
}

/**
 * One socket over Bun's, of which there may be many thousands: it holds fields and no closures. Bun drops a frame that
 * does not fit into the socket's buffer and says so only by returning 0: such a socket is cut, and its client resumes by
 * cursor.
 */
export class SocketClient {
  speaker: Speaker | undefined;
  /** What it was let in with; undefined until it has said who it is. */
  credential: Credential | undefined;
  /** Whose it is. */
  principal: string | undefined;
  /** Why it is about to be closed, for a handler that closes without saying. */
  refusal: { code: number; reason: string } | undefined;
  /** Why it was closed by us: a reader that has stopped reading never answers with the code. */
  closing: { code: number; reason: string | undefined } | undefined;
  readonly openedAt = performance.now();
  /** When its other end last gave a sign of life. */
  heardAt = this.openedAt;
  #isDead = false;
  #messagesLeft = burst;
  #messageAt = this.openedAt;
  #onDrain: (() => void)[] | undefined;

  constructor(readonly ws: ServerWebSocket<SocketData>) {}

  get readyState(): number {
    return this.#isDead ? WebSocket.CLOSED : this.ws.readyState;
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  hear(): void {
    this.heardAt = performance.now();
  }

  /** Counts a message in; false when they come faster than from any honest client. */
  countMessage(): boolean {
    const now = performance.now();
    const refilled = this.#messagesLeft + ((now - this.#messageAt) / 1000) * perSecond;
    this.#messagesLeft = Math.min(burst, refilled) - 1;
    this.#messageAt = now;
    return this.#messagesLeft >= 0;
  }

  /** An answer. Who asks on without taking the answers is cut. */
  send(data: string): void {
    if (this.#isDead) return;
    if (this.ws.getBufferedAmount() > answersAtMost) this.terminate();
    else this.say(data);
  }

  /** A few bytes that have room whatever waits: a pong behind a large event must not cost the socket, or it would come again. */
  say(data: string): void {
    if (!this.#isDead && this.ws.send(data) === 0) this.terminate();
  }

  /** How many of these it took: none once too much waits. What a closing socket misses its client asks for again. */
  sendAll(texts: string[]): number {
    if (!this.isOpen) return texts.length;
    const [only] = texts;
    if (only === undefined || this.isFull) return 0;
    if (texts.length === 1) {
      this.say(only);
      return 1;
    }
    let taken = 0;
    this.ws.cork(() => {
      for (const text of texts) {
        if (this.isFull) break;
        this.say(text);
        taken++;
      }
    });
    return taken;
  }

  close(code = this.refusal?.code, reason = this.refusal?.reason): void {
    if (!this.isOpen) return;
    if (code !== undefined) this.closing = { code, reason };
    this.ws.close(code, reason);
    // A reader that has stopped reading never sees the close frame.
    setTimeout(() => this.terminate(), 3000).unref();
  }

  terminate(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.ws.terminate();
  }

  async drained(): Promise<void> {
    if (!this.isFull) return;
    const patience = setTimeout(() => this.close(tooSlow, "This client does not keep up."), patienceMs);
    await new Promise<void>((resolve) => {
      this.#onDrain ??= [];
      this.#onDrain.push(resolve);
    });
    clearTimeout(patience);
  }

  /** The socket's buffer has emptied, or the socket is gone. */
  release(): void {
    const waiting = this.#onDrain ?? [];
    this.#onDrain = undefined;
    for (const resolve of waiting) resolve();
  }

  closed(code: number): void {
    this.#isDead = true;
    this.release();
    this.speaker?.closed(code);
  }

  private get isFull(): boolean {
    return !this.#isDead && this.ws.getBufferedAmount() > pauseAbove;
  }
}

/** A live stream's way into a socket. */
export abstract class SocketLane implements Lane<string> {
  /** Ends the stream once it has begun. */
  stop: (() => void) | undefined;

  constructor(
    readonly client: SocketClient,
    readonly form: Form<string>,
  ) {}

  abstract say(mark: StreamMark): void;

  send(texts: string[]): number {
    return this.client.sendAll(texts);
  }

  drained(): Promise<void> {
    return this.client.drained();
  }
}
