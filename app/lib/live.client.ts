import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { Channel } from "../../db/enums.ts";
import type { Envelope } from "../../server/realtime/events.ts";
import type { StreamMessage } from "../../server/realtime/log.ts";
import type { AppRouter } from "../../server/trpc/router.ts";
import { retryDelayMs } from "./back-off.ts";
import { StreamPlace } from "./stream-place.ts";
import { WatchedSocket } from "./watched-socket.ts";

export interface Stream {
  cursor: string;
  channels: Channel[];
  workflowId?: string | undefined;
  taskId?: string | undefined;
  /** When the page's data should be read again, whatever is heard until then. */
  refreshAt?: Date | undefined;
}

export interface StreamHandlers {
  onEvent(event: Envelope): void;
  /** `through`: the number up to which events are of the past. */
  onConnected(through: number): void;
  /** All that was missed has come. */
  onCaughtUp(): void;
  onDisconnected(): void;
  /** The cursor was too old or from another log: the page has to load its data anew. The stream goes on from now. */
  onReset(): void;
  /** The server no longer knows who this is: signed out elsewhere, switched off, or of another role now. */
  onRefused(): void;
}

/** The server's close code for credentials that have ended. */
const refusedCode = 4401;

/** Subscribes from the loader's cursor. A lost connection resumes after the last event seen; so does a hole. */
export function openStream({ cursor, refreshAt: _, ...filter }: Stream, handlers: StreamHandlers): () => void {
  const place = new StreamPlace(cursor);
  let subscription: { unsubscribe(): void } | undefined;

  function receive(message: { id?: string; data?: unknown }): void {
    // Messages come tracked: the cursor beside the payload.
    const payload = message.data as StreamMessage;
    if (payload.type === "connected" && payload.caughtUp) handlers.onCaughtUp();
    else if (payload.type === "connected") handlers.onConnected(payload.through);
    else if (payload.type === "reset") {
      place.startOver(payload.id);
      handlers.onReset();
    } else if (place.follows(payload)) handlers.onEvent(payload);
    else subscribe();
  }

  function subscribe(): void {
    subscription?.unsubscribe();
    subscription = api().events.stream.subscribe(
      { ...filter, caughtUp: true, lastEventId: place.cursor },
      {
        onData: receive,
        onError(error) {
          handlers.onDisconnected();
          if (error.data?.code === "UNAUTHORIZED") refused();
        },
        onConnectionStateChange({ state }) {
          if (state === "connecting") handlers.onDisconnected();
        },
      },
    );
  }

  const stream = { subscribe, onRefused: handlers.onRefused };
  streams.add(stream);
  subscribe();
  return () => {
    streams.delete(stream);
    subscription?.unsubscribe();
  };
}

const streams = new Set<{ subscribe(): void; onRefused(): void }>();
let shared: ReturnType<typeof connect> | undefined;

/** One socket per page, opened by the first subscription. */
function api() {
  shared ??= connect();
  return shared.api;
}

/** A socket keeps the cookie that it was opened with, so the next subscription opens another. */
function refused(): void {
  disconnect();
  for (const { onRefused } of streams) onRefused();
}

/** After a sleep or a change of network: asks whether the socket still lives; who waits to try again tries at once. */
function wake(): void {
  const connection = shared?.client.connection;
  if (connection?.state === "open") {
    (connection.ws as WatchedSocket).ask();
  } else if (shared && connection?.state !== "connecting") {
    disconnect();
    for (const { subscribe } of streams) subscribe();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) wake();
});
document.addEventListener("resume", wake);
window.addEventListener("pageshow", wake);
window.addEventListener("online", wake);
window.addEventListener("offline", wake);

function disconnect(): void {
  void shared?.client.close();
  shared = undefined;
}

function connect() {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  const client = createWSClient({
    url: `${scheme}://${window.location.host}/trpc`,
    WebSocket: WatchedSocket,
    retryDelayMs: (attempt) => retryDelayMs(attempt),
    onClose(cause) {
      if (cause?.code === refusedCode) refused();
    },
  });
  return { client, api: createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] }) };
}
