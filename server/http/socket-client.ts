import { EventEmitter } from "node:events";
import type { ServerWebSocket } from "bun";
import type { Credential } from "../auth/still-good.ts";
import type { Form, Lane } from "../realtime/groups.ts";

/** Above this many bytes waiting in the socket, its streams pause. */
const pauseAbove = 256 * 1024;
/** A client that takes nothing for so long is let go; it resumes by cursor. */
const patienceMs = 10_000;
const maxStreams = 50;

/** Close codes of the contract. */
export const tooBig = 1009;
export const revoked = 4401;
export const tooSlow = 4408;
export const tooMany = 4429;

export interface SocketData {
  client: SocketClient | undefined;
  /** The upgrade request, as much of it as the handler reads. */
  upgrade: { url: string; headers: Record<string, string> };
  requestId: string;
  ip: string;
  /** Whether the cookie counts: only the site's own pages may use it. */
  isOwnPage: boolean;
  /** Whether it speaks plain JSON (`/ws`) instead of tRPC. */
  isPlain: boolean;
}

/**
 * What tRPC's WebSocket handler needs of a `ws` socket, over Bun's. Bun drops a frame that does not fit into the
 * socket's buffer and says so only by returning 0: such a socket is cut, and its client resumes by cursor.
 */
export class SocketClient extends EventEmitter {
  /** What it was let in with; undefined until it has said who it is. */
  credential: Credential | undefined;
  /** Whose it is. */
  principal: string | undefined;
  /** Why it is about to be closed, for a handler that closes without saying. */
  refusal: { code: number; reason: string } | undefined;
  #isDead = false;
  #streams = 0;
  #onDrain: (() => void)[] = [];

  constructor(readonly ws: ServerWebSocket<SocketData>) {
    super();
  }

  get readyState(): number {
    return this.#isDead ? WebSocket.CLOSED : this.ws.readyState;
  }

  send(data: string | Uint8Array): void {
    if (!this.#isDead && this.ws.send(data) === 0) this.terminate();
  }

  close(code = this.refusal?.code, reason = this.refusal?.reason): void {
    if (this.#isDead) return;
    this.ws.close(code, reason);
    // A reader that has stopped reading never sees the close frame.
    setTimeout(() => this.terminate(), 3000).unref();
  }

  terminate(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.ws.terminate();
  }

  /** A way past tRPC's handler for what is written out already. */
  lane(form: Form): Lane {
    return { form, send: (texts) => this.#sendAll(texts), drained: () => this.drained() };
  }

  #sendAll(texts: string[]): boolean {
    if (this.readyState !== WebSocket.OPEN) return false;
    const [only] = texts;
    if (only !== undefined && texts.length === 1) this.send(only);
    else {
      this.ws.cork(() => {
        for (const text of texts) this.send(text);
      });
    }
    return !this.#isDead && this.ws.getBufferedAmount() <= pauseAbove;
  }

  /** Counts a stream in, until the returned function counts it out; too many, and the socket is closed. */
  enterStream(): () => void {
    this.#streams += 1;
    if (this.#streams > maxStreams) this.close(tooMany, `At most ${maxStreams} streams on one socket.`);
    return () => {
      this.#streams -= 1;
    };
  }

  async drained(): Promise<void> {
    if (this.#isDead || this.ws.getBufferedAmount() <= pauseAbove) return;
    const patience = setTimeout(() => this.close(tooSlow, "This client does not keep up."), patienceMs);
    await new Promise<void>((resolve) => this.#onDrain.push(resolve));
    clearTimeout(patience);
  }

  /** The socket's buffer has emptied, or the socket is gone. */
  release(): void {
    const waiting = this.#onDrain;
    this.#onDrain = [];
    for (const resolve of waiting) resolve();
  }

  closed(code: number): void {
    this.#isDead = true;
    this.release();
    this.emit("close", code);
  }
}
