import { getTRPCErrorFromUnknown } from "@trpc/server";
import { getWSConnectionHandler, type WSSHandlerOptions } from "@trpc/server/adapters/ws";
import type { Server, WebSocketHandler } from "bun";
import { type Credential, stillGood } from "../auth/still-good.ts";
import { type AppRouter, appRouter } from "../trpc/router.ts";
import type { App } from "./app.ts";
import type { HttpStream } from "./open-streams.ts";
import { PlainSocket } from "./plain-socket.ts";
import { comesFromUs, mayCallAcrossOrigins } from "./same-origin.ts";
import { dropAbove, revoked, SocketClient, type SocketData, tooBig, tooMany } from "./socket-client.ts";
import { socketSignIn } from "./socket-sign-in.ts";
import { type Rest, TrpcSocket } from "./trpc-socket.ts";

const goingAway = 1001;

/** For answers under way, between telling a client to go elsewhere and closing its socket. */
const answersWithinMs = 300;
const maxMessageBytes = 1024 * 1024;

/** How long a socket may go without a sign of its other end. */
export interface SocketTimes {
  /** Between two looks at all sockets. */
  recheckMs: number;
  signInWithinMs: number;
  pingAfterMs: number;
  cutAfterMs: number;
}

const byDefault: SocketTimes = { recheckMs: 1000, signInWithinMs: 10_000, pingAfterMs: 15_000, cutAfterMs: 32_000 };

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

/** All WebSockets of the process. */
export function createSockets(app: App, hurry: Partial<SocketTimes> = {}): Sockets {
  const { config, host, logger, log, system } = app;
  const times = { ...byDefault, ...hurry };
  const open = new Set<SocketClient>();
  const { signIn, signOff } = socketSignIn(app);
  const options: Omit<WSSHandlerOptions<AppRouter>, "wss"> = {
    router: appRouter,
    maxBatchSize: 100,
    async createContext({ res }) {
      const { actor, client } = (res as unknown as Rest).socket;
      return { ...host, actor: (await actor) ?? null, requestId: client.ws.data.requestId, log, system };
    },
    onError: ({ error, path, ctx }) => app.reportFault(error, { path, requestId: ctx?.requestId }),
  };
  const onFault = (error: unknown, requestId: string) =>
    app.reportFault(getTRPCErrorFromUnknown(error), { path: "/ws", requestId });
  // The type asks for a `ws` server as well; the handler of one connection does not use it.
  const connect = getWSConnectionHandler(options as WSSHandlerOptions<AppRouter>);

  const recheck = setInterval(() => {
    closeSilent();
    closeUnknown();
    const holders = new Map<Credential, SocketClient | HttpStream>();
    for (const client of open) if (client.credential) holders.set(client.credential, client);
    for (const stream of app.openStreams.overHttp) holders.set(stream.credential, stream);
    if (holders.size === 0) return;
    stillGood(host.db, holders.keys())
      .then((good) => {
        for (const [credential, holder] of holders) if (!good.has(credential)) end(holder);
      })
      // A database that does not answer takes nobody's rights away.
      .catch((error) => logger.warn({ err: error }, "Open sockets could not be checked again"));
  }, times.recheckMs);
  recheck.unref();

  /** Bun's own limit for silence begins anew with all that is sent, so on a busy stream it never finds the dead. */
  function closeSilent(): void {
    const now = performance.now();
    for (const client of open) {
      const silentMs = now - client.heardAt;
      if (silentMs >= times.cutAfterMs) client.terminate();
      else if (silentMs >= times.pingAfterMs) client.ws.ping();
    }
  }

  function end(holder: SocketClient | HttpStream): void {
    if (holder instanceof SocketClient) holder.close(revoked, "Sign in again: these credentials no longer count.");
    else holder.end();
  }

  function closeUnknown(): void {
    const latest = performance.now() - times.signInWithinMs;
    for (const client of open) {
      const isUnknown = !client.credential && client.openedAt < latest;
      if (isUnknown) client.close(revoked, "Say who you are: send a token or sign in.");
    }
  }

  return {
    upgrade(request, server, requestId) {
      const isOwnPage = comesFromUs(request, config) === true;
      const isForeign = request.headers.has("origin") && !isOwnPage && !mayCallAcrossOrigins(request, config);
      if (isForeign || (request.headers.has("cookie") && !isOwnPage)) {
        return new Response("This address takes WebSockets from its own pages only.\n", { status: 403 });
      }
      const { pathname, searchParams } = new URL(request.url);
      const upgrade = {
        hasParams: searchParams.get("connectionParams") === "1",
        bearer: /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]?.trim(),
        cookie: isOwnPage ? (request.headers.get("cookie") ?? undefined) : undefined,
      };
      const data: SocketData = { client: undefined, upgrade, requestId, isPlain: pathname === "/ws" };
      const headers = { "x-request-id": requestId, "x-instance": config.instanceId };
      if (server.upgrade(request, { data, headers })) return undefined;
      return new Response("This is no WebSocket handshake.\n", { status: 400 });
    },

    handler: {
      // Above this Bun cuts the socket without a word; what is merely too big is told so.
      maxPayloadLength: 4 * maxMessageBytes,
      backpressureLimit: dropAbove,
      closeOnBackpressureLimit: false,
      idleTimeout: 0,
      sendPings: false,
      open(ws) {
        const client = new SocketClient(ws);
        ws.data.client = client;
        open.add(client);
        client.speaker = ws.data.isPlain
          ? new PlainSocket(client, { log, signIn, onFault })
          : new TrpcSocket(client, { log, connect, signIn });
      },
      message(ws, message) {
        const { client } = ws.data;
        if (!client) return;
        client.hear();
        const data = Buffer.from(message);
        if (data.byteLength > maxMessageBytes) return client.close(tooBig, "A message has at most a megabyte.");
        if (!client.countMessage()) return client.close(tooMany, "Too many messages. Send batches, or slow down.");
        if (client.credential?.kind === "token" && client.principal) host.presence.note(client.principal);
        client.speaker?.message(data, typeof message === "string");
      },
      ping: (ws) => ws.data.client?.hear(),
      pong: (ws) => ws.data.client?.hear(),
      // What it takes is a sign of life as well: its pong may be far behind.
      drain(ws) {
        ws.data.client?.hear();
        ws.data.client?.release();
      },
      close(ws, code) {
        const { client } = ws.data;
        if (!client) return;
        open.delete(client);
        signOff(client);
        const { closing = { code } } = client;
        if (closing.code > 4000) logger.info({ ...closing, principal: client.principal }, "A socket was let go");
        client.closed(code);
      },
    },

    count: () => open.size,

    async drain(spreadMs) {
      const reconnect = JSON.stringify({ id: null, method: "reconnect" });
      await Promise.all(
        [...open].map(async (client) => {
          await Bun.sleep(Math.random() * spreadMs);
          if (!client.ws.data.isPlain) client.say(reconnect);
          await Bun.sleep(answersWithinMs);
          client.close(goingAway, "This instance is going away; resume elsewhere.");
        }),
      );
    },

    close: () => clearInterval(recheck),
  };
}
