import type { Server } from "bun";
import type { App } from "./app.ts";
import { createFetch } from "./fetch.ts";
import type { InFlight } from "./in-flight.ts";
import type { Metrics } from "./metrics.ts";
import type { Pages } from "./pages.ts";
import { createRemix } from "./remix.ts";
import { routeNames } from "./routes.ts";
import type { Sockets } from "./socket.ts";
import type { SocketData } from "./socket-client.ts";
import { staticFiles } from "./static.ts";

export interface Parts {
  pages: Pages;
  sockets: Sockets;
  metrics: Metrics;
  inFlight: InFlight;
}

/** One port for pages, files, the API and its sockets. */
export async function serve(app: App, { pages, sockets, metrics, inFlight }: Parts): Promise<Server<SocketData>> {
  const build = typeof pages.build === "function" ? await pages.build() : pages.build;
  return Bun.serve<SocketData>({
    hostname: app.config.host,
    port: app.config.port,
    // Long polls and streams are silent for longer than any limit; sockets have their own.
    idleTimeout: 0,
    maxRequestBodySize: 10 * 1024 * 1024,
    fetch: createFetch(app, {
      metrics,
      sockets,
      inFlight,
      asset: staticFiles(pages.folders),
      vite: pages.vite,
      page: createRemix(app, pages),
      routeOf: routeNames(build),
    }),
    websocket: sockets.handler,
  });
}
