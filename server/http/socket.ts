import type { IncomingMessage } from "node:http";
import { getWSConnectionHandler, type WSSHandlerOptions } from "@trpc/server/adapters/ws";
import type { Server, WebSocketHandler } from "bun";
import type { WebSocket } from "ws";
import { type Credential, stillGood } from "../auth/still-good.ts";
import { type AppRouter, appRouter } from "../trpc/router.ts";
import type { App } from "./app.ts";
import { whileOpening } from "./opening.ts";
import { servePlainSocket } from "./plain-socket.ts";
import { ipOf } from "./request.ts";
import { comesFromUs, mayCallAcrossOrigins } from "./same-origin.ts";
import { revoked, SocketClient, type SocketData, tooBig, tooMany } from "./socket-client.ts";
import { socketContexts } from "./socket-context.ts";

const goingAway = 1001;

const recheckMs = 1000;
const signInWithinMs = 10_000;
/** For answers under way, between telling a client to go elsewhere and closing its socket. */
const answersWithinMs = 300;
/** A burst, and what refills it each second. */
const messages = { burst: 500, perSecond: 200 };
const maxMessageBytes = 1024 * 1024;

/** tRPC, and plain JSON for clients without it. */
export const socketPaths = new Set(["/trpc", "/ws"]);

export interface Sockets {
  upgrade(request: Request, server: Server<SocketData>, requestId: string): Response | undefined;
  handler: WebSocketHandler<SocketData>;
  count(): number;
  /** Tells clients to go elsewhere and closes their sockets, spread over `spreadMs`. */
  drain(spreadMs: number): Promise<void>;
  close(): void;
}

/** All WebSockets of the process: tRPC's own handler behind a facade over Bun's sockets, and the plain one beside it. */
export function createSockets(app: App): Sockets {
  const { config, host, logger } = app;
  const open = new Set<SocketClient>();
  const contextOf = socketContexts(app);
  const options: Omit<WSSHandlerOptions<AppRouter>, "wss"> = {
    router: appRouter,
    maxBatchSize: 100,
    keepAlive: { enabled: true, pingMs: 25_000, pongWaitMs: 10_000 },
    createContext: ({ res, info }) => contextOf(res as unknown as SocketClient, info.connectionParams?.token),
    onError: ({ error, path, ctx }) => app.reportFault(error, { path, requestId: ctx?.requestId }),
  };
  // The type asks for a `ws` server as well; the handler of one connection does not use it.
  const connect = getWSConnectionHandler(options as WSSHandlerOptions<AppRouter>);

  function serveTrpc(client: SocketClient): void {
    const { url, headers } = client.ws.data.upgrade;
    // What the handler reads of a request: its address, headers and whether the socket was encrypted.
    const request = { url, headers, socket: {} } as unknown as IncomingMessage;
    // The facade has the part of `ws` that the handler uses.
    connect(client as unknown as WebSocket, request);
  }

  function servePlain(client: SocketClient): void {
    servePlainSocket(client, {
      authenticate: (token) => contextOf(client, token),
      onFault: (error) => logger.error({ err: error, requestId: client.ws.data.requestId }, "A stream on /ws failed"),
    });
  }

  const recheck = setInterval(() => {
    const byCredential = new Map<Credential, SocketClient>();
    for (const client of open) if (client.credential) byCredential.set(client.credential, client);
    if (byCredential.size === 0) return;
    stillGood(host.db, byCredential.keys())
      .then((good) => {
        for (const [credential, client] of byCredential) {
          if (!good.has(credential)) client.close(revoked, "Sign in again: these credentials no longer count.");
        }
      })
      .catch((error) => logger.warn({ err: error }, "Open sockets could not be checked again"));
  }, recheckMs);
  recheck.unref();

  return {
    upgrade(request, server, requestId) {
      const isOwnPage = comesFromUs(request, config) === true;
      const isForeign = request.headers.has("origin") && !isOwnPage && !mayCallAcrossOrigins(request, config);
      if (isForeign || (request.headers.has("cookie") && !isOwnPage)) {
        return new Response("This address takes WebSockets from its own pages only.\n", { status: 403 });
      }
      const { pathname, search } = new URL(request.url);
      const upgrade = { url: pathname + search, headers: Object.fromEntries(request.headers) };
      const ip = ipOf(request, server.requestIP(request)?.address, config);
      const data: SocketData = { client: undefined, upgrade, requestId, ip, isOwnPage, isPlain: pathname === "/ws" };
      const headers = { "x-request-id": requestId, "x-instance": config.instanceId };
      if (server.upgrade(request, { data, headers })) return undefined;
      return new Response("This is no WebSocket handshake.\n", { status: 400 });
    },

    handler: {
      // Above this Bun cuts the socket without a word; what is merely too big is told so.
      maxPayloadLength: 4 * maxMessageBytes,
      backpressureLimit: 1024 * 1024,
      closeOnBackpressureLimit: false,
      idleTimeout: 120,
      sendPings: true,
      open(ws) {
        const client = new SocketClient(ws);
        ws.data.client = client;
        open.add(client);
        limitMessages(client);
        if (ws.data.isPlain) servePlain(client);
        else serveTrpc(client);
        setTimeout(() => {
          if (!client.credential) client.close(revoked, "Say who you are: send a token or sign in.");
        }, signInWithinMs).unref();
      },
      message(ws, message) {
        const { client } = ws.data;
        if (!client) return;
        const data = Buffer.from(message);
        if (data.byteLength > maxMessageBytes) return client.close(tooBig, "A message has at most a megabyte.");
        if (client.credential?.kind === "token" && client.principal) host.presence.note(client.principal);
        whileOpening(data, () => client.emit("message", data, typeof message !== "string"));
      },
      drain(ws) {
        ws.data.client?.release();
      },
      close(ws, code) {
        const { client } = ws.data;
        if (!client) return;
        open.delete(client);
        client.closed(code);
      },
    },

    count: () => open.size,

    async drain(spreadMs) {
      const reconnect = JSON.stringify({ id: null, method: "reconnect" });
      await Promise.all(
        [...open].map(async (client) => {
          await Bun.sleep(Math.random() * spreadMs);
          if (!client.ws.data.isPlain) client.send(reconnect);
          await Bun.sleep(answersWithinMs);
          client.close(goingAway, "This instance is going away; resume elsewhere.");
        }),
      );
    },

    close: () => clearInterval(recheck),
  };
}

/** Closes a socket that sends faster than any honest client. */
function limitMessages(client: SocketClient): void {
  let left = messages.burst;
  let at = performance.now();
  client.on("message", () => {
    const now = performance.now();
    left = Math.min(messages.burst, left + ((now - at) / 1000) * messages.perSecond) - 1;
    at = now;
    if (left < 0) client.close(tooMany, "Too many messages. Send batches, or slow down.");
  });
}
