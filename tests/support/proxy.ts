import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  port: number;
  /** Resets the open connections for which `chosen` says so; all of them by default. */
  reset(chosen?: () => boolean): void;
  /** While it refuses, open connections are cut and new ones as well. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

/** A TCP proxy that can misbehave. Each connection goes to the port that `target` names when it is opened. */
export async function startProxy(target: () => number): Promise<TcpProxy> {
  const pairs = new Set<Socket[]>();
  let isRefusing = false;

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
    server.pipe(client);
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
    refuse(on) {
      isRefusing = on;
      if (on) reset();
    },
    async close() {
      reset();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
