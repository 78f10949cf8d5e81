import type { Server } from "bun";
import type { App } from "./app.ts";
import { corsHeaders, preflight } from "./cors.ts";
import type { InFlight } from "./in-flight.ts";
import type { Metrics } from "./metrics.ts";
import type { Pages } from "./pages.ts";
import { type Incoming, ipOf, requestIdOf } from "./request.ts";
import { logRequest } from "./request-log.ts";
import { isForged } from "./same-origin.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { type Sockets, socketPaths } from "./socket.ts";
import type { SocketData } from "./socket-client.ts";
import { handleTrpc } from "./trpc.ts";

export interface Handlers {
  metrics: Metrics;
  sockets: Sockets;
  inFlight: InFlight;
  /** A file of the build or of public/. */
  asset(request: Request, pathname: string): Response | undefined;
  /** In development, what Vite serves. */
  vite: Pages["vite"];
  page(incoming: Incoming): Promise<Response>;
  routeOf(pathname: string): string;
}

type Fetch = (request: Request, server: Server<SocketData>) => Promise<Response | undefined>;

/** Every request comes in and goes out here: numbered, timed, logged, and with the headers that every answer has. */
export function createFetch(app: App, handlers: Handlers): Fetch {
  const { config, logger } = app;
  const { metrics, inFlight, routeOf } = handlers;

  return async (request, server) => {
    const began = performance.now();
    const url = new URL(request.url);
    const module = handlers.vite?.(request, url);
    if (module) return module;
    const id = requestIdOf(request, config);
    const named = (response: Response) => {
      response.headers.set("X-Request-Id", id);
      response.headers.set("X-Instance", config.instanceId);
      setSecurityHeaders(response.headers, config);
      return response;
    };
    if (socketPaths.has(url.pathname) && request.headers.get("upgrade")?.toLowerCase() === "websocket") {
      const refused = inFlight.isDraining ? goingAway() : handlers.sockets.upgrade(request, server, id);
      return refused && named(refused);
    }
    const done = inFlight.enter(request.signal);
    const ip = ipOf(request, server.requestIP(request)?.address, config);
    const incoming: Incoming = { request, url, id, ip, signal: done.signal };
    const response = await respond(app, handlers, incoming).catch((error) => {
      metrics.faults.inc();
      logger.error({ err: error, requestId: id }, "A request failed");
      return fault(id);
    });
    named(response);
    if (inFlight.isDraining) response.headers.set("Connection", "close");

    const ms = performance.now() - began;
    const { status } = response;
    const route = routeOf(url.pathname);
    metrics.requests.observe({ route, method: request.method, status: `${Math.floor(status / 100)}xx` }, ms / 1000);
    logRequest(logger, incoming, { route, status, ms });
    return done.after(response);
  };
}

async function respond(app: App, handlers: Handlers, incoming: Incoming): Promise<Response> {
  const { request, url } = incoming;
  const { pathname } = url;
  const file = handlers.asset(request, pathname);
  if (file) return file;
  if (pathname === "/healthz") return new Response("ok");
  if (pathname === "/readyz") return readiness(app);
  if (pathname === "/metrics") return readMetrics(app, handlers.metrics, request);
  if (pathname === "/ws") return noHandshake();
  if (isForged(request, app.config)) return forged();
  if (pathname.startsWith("/trpc/")) {
    return preflight(request, app.config) ?? corsHeaders(await handleTrpc(app, incoming), request, app.config);
  }
  return handlers.page(incoming);
}

async function readiness({ system }: App): Promise<Response> {
  const health = await system.health();
  return Response.json(health, {
    status: health.status === "down" ? 503 : 200,
    headers: { "Cache-Control": "no-store" },
  });
}

/** With METRICS_TOKEN by that token; without it only for whoever asks the process itself, not through a proxy. */
async function readMetrics({ config }: App, metrics: Metrics, request: Request): Promise<Response> {
  const isAllowed = config.metricsToken
    ? request.headers.get("authorization") === `Bearer ${config.metricsToken}`
    : !request.headers.has("x-forwarded-for");
  if (!isAllowed) return new Response("Send METRICS_TOKEN as a bearer token.\n", { status: 401 });
  return new Response(await metrics.text(), { headers: { "Content-Type": metrics.contentType } });
}

const forged = () =>
  new Response(
    "This request did not come from a page of this site, so nothing was done. Open the site and try there; a program sends a token and no cookie.\n",
    { status: 403 },
  );

const noHandshake = () =>
  new Response("This address takes WebSockets only.\n", { status: 426, headers: { Upgrade: "websocket" } });

const goingAway = () =>
  new Response("This instance is going away. Try again.\n", { status: 503, headers: { "Retry-After": "1" } });

const fault = (id: string) =>
  new Response(`Something went wrong on our side. If it stays, tell your operator request ${id}.\n`, { status: 500 });
