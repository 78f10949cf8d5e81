import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Readable } from "node:stream";

export interface TcpProxy {
  port: number;
  /** Resets the open connections for which `chosen` says so; all of them by default. */
  reset(chosen?: () => boolean): void;
  /** Lets every WebSocket that is open now fall silent for good, without closing it. */
  silenceSockets(): void;
  /** While it refuses, open connections are cut and new ones as well. */
  refuse(isRefusing: boolean): void;
  /** How many bytes a second each client gets from here on; zero is none. */
  pace(bytesPerSecond: number): void;
  /** How long what comes from the server is on its way from here on. */
  delay(ms: number): void;
  /** While it is frozen, nothing passes in either direction, and nobody is told: connections stay open. */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

/** A TCP proxy that can misbehave. Each connection goes to the port that `target` names when it is opened. */
export async function startProxy(target: () => number): Promise<TcpProxy> {
  const pairs = new Set<Socket[]>();
  const webSockets = new Set<() => void>();
  let isRefusing = false;
  let rate = Number.POSITIVE_INFINITY;
  let delayMs = 0;
  let thawed = Promise.resolve();
  let thaw = () => {};

  /** What comes from this socket, unless it is frozen, and no sooner than the delay of the moment when it came. */
  async function* held(socket: Socket, delay: () => number): AsyncGenerator<Buffer> {
    for await (const { chunk, dueAt } of stamped(socket, delay)) {
      const wait = dueAt - performance.now();
      if (wait > 0) await Bun.sleep(wait);
      await thawed;
      yield chunk;
    }
  }

  function cut(pair: Socket[]): void {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }

  const listener = createServer((client) => {
    const server = connect(target(), "127.0.0.1");
    const pair = [client, server];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on("error", () => cut(pair));
      socket.on("close", () => cut(pair));
    }
    if (isRefusing) return cut(pair);
    const there = Readable.from(held(client, () => 0));
    there.on("error", () => cut(pair));
    there.pipe(server);
    const slowly = Readable.from(
      paced(
        held(server, () => delayMs),
        () => rate,
        server,
      ),
    );
    slowly.on("error", () => cut(pair));
    slowly.pipe(client);
    client.once("data", (head) => {
      if (!/^upgrade: websocket/im.test(head.toString("latin1"))) return;
      const silence = () => {
        there.unpipe(server).resume();
        slowly.unpipe(client).resume();
      };
      webSockets.add(silence);
      client.once("close", () => webSockets.delete(silence));
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  function reset(chosen = () => true): void {
    for (const pair of [...pairs]) if (chosen()) cut(pair);
  }
  return {
    // A listening TCP server has an address with a port.
    port: (listener.address() as AddressInfo).port,
    reset,
    silenceSockets() {
      for (const silence of webSockets) silence();
    },
    refuse(on) {
      isRefusing = on;
      if (on) reset();
    },
    pace(bytesPerSecond) {
      rate = bytesPerSecond;
    },
    delay(ms) {
      delayMs = ms;
    },
    freeze(isFrozen) {
      if (isFrozen) {
        thawed = new Promise((resolve) => {
          thaw = resolve;
        });
      } else thaw();
    },
    async close() {
      thaw();
      reset();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

const sliceMs = 50;

/** Notes when each chunk came, so that a delay does not slow the flow down. */
async function* stamped(socket: Socket, delay: () => number): AsyncGenerator<{ chunk: Buffer; dueAt: number }> {
  const waiting: { chunk: Buffer; dueAt: number }[] = [];
  let isOver = false;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    waiting.push({ chunk, dueAt: performance.now() + delay() });
    if (delay() === 0) socket.pause();
    wake();
  });
  socket.on("close", () => {
    isOver = true;
    wake();
  });
  while (!isOver || waiting.length > 0) {
    const next = waiting.shift();
    if (next) yield next;
    else {
      if (socket.isPaused()) socket.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

/** What comes from this source, no faster than the rate of the moment. What is held back waits on the other side. */
async function* paced(source: AsyncIterable<Buffer>, rate: () => number, socket: Socket): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(chunk.length - at, Math.floor((rate() * sliceMs) / 1000));
      if (size > 0) yield chunk.subarray(at, at + size);
      at += size;
      if (at < chunk.length || rate() < Number.POSITIVE_INFINITY) await Bun.sleep(sliceMs);
      if (socket.destroyed) return;
    }
  }
}
