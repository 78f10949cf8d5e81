import type { Server } from "bun";
import type { App } from "./http/app.ts";
import type { InFlight } from "./http/in-flight.ts";
import type { Pages } from "./http/pages.ts";
import type { Sockets } from "./http/socket.ts";
import type { SocketData } from "./http/socket-client.ts";
import type { Bus } from "./realtime/bus.ts";
import { renewNoted } from "./services/agents/renewals.ts";

interface Parts {
  app: App;
  server: Server<SocketData>;
  sockets: Sockets;
  inFlight: InFlight;
  workers: { stop(): Promise<void> };
  bus: Bus;
  pages: Pages;
}

/** The way down, in the opposite order of `start`. However often it is called, it happens once. */
export function stopOnce(parts: Parts): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stop(parts);
    return stopping;
  };
}

async function stop({ app, server, sockets, inFlight, workers, bus, pages }: Parts): Promise<void> {
  const { host, log, config } = app;
  const withinMs = config.drainSeconds * 1000;
  const deadline = performance.now() + withinMs;
  // From here on /readyz says 503 to whoever spreads the traffic, and who only waits is answered.
  inFlight.drain();
  await sockets.drain(Math.min(sockets.count() * 20, 2000, withinMs / 3));
  // It stops listening and closes what is idle at once; its promise would wait for every open socket.
  server.stop().catch(() => {});
  // Who has come meanwhile and waits.
  inFlight.drain();
  await untilTaken(server, deadline);
  await server.stop(true);
  sockets.close();

  await workers.stop();
  await host.background.drain();
  await host.presence.flush(host.db);
  await renewNoted(host);
  await log.close();
  await bus.close();
  await host.db.close();
  await pages.close?.();
}

/** An answer has been given before its reader has it: Bun counts a request until the last byte was taken. */
async function untilTaken(server: Server<SocketData>, deadline: number): Promise<void> {
  while (server.pendingRequests > 0 && performance.now() < deadline) await Bun.sleep(20);
}
