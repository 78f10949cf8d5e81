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
  close(): Promise<void>;
}

/** A TCP proxy that can misbehave. Each connection goes to the port that `target` names when it is opened. */
export async function startProxy(target: () => number): Promise<TcpProxy> {
  const pairs = new Set<Socket[]>();
  const webSockets = new Set<() => void>();
  let isRefusing = false;
  let rate = Number.POSITIVE_INFINITY;

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
    client.pipe(server);
    const slowly = Readable.from(paced(server, () => rate));
    slowly.on("error", () => cut(pair));
    slowly.pipe(client);
    client.once("data", (head) => {
      if (!/^upgrade: websocket/im.test(head.toString("latin1"))) return;
      const silence = () => {
        client.unpipe(server).resume();
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
    async close() {
      reset();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

const sliceMs = 50;

/** What comes from this socket, no faster than the rate of the moment. What is held back waits on the other side. */
async function* paced(socket: Socket, rate: () => number): AsyncGenerator<Buffer> {
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(chunk.length - at, Math.floor((rate() * sliceMs) / 1000));
      if (size > 0) yield chunk.subarray(at, at + size);
      at += size;
      if (at < chunk.length || rate() < Number.POSITIVE_INFINITY) await Bun.sleep(sliceMs);
      if (socket.destroyed) return;
    }
  }
}
