import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { Channel } from "../../db/enums.ts";
import type { Envelope } from "../../server/realtime/events.ts";
import type { AppRouter } from "../../server/trpc/router.ts";
import { retryDelayMs } from "./back-off.ts";

export interface Stream {
  cursor: string;
  channels: Channel[];
  workflowId?: string | undefined;
  taskId?: string | undefined;
}

export interface StreamHandlers {
  onEvent(event: Envelope): void;
  onConnected(): void;
  onDisconnected(): void;
  /** The cursor is too old or from another log: the page has to load its data anew. */
  onReset(): void;
  /** The server no longer knows who this is: signed out elsewhere, switched off, or of another role now. */
  onRefused(): void;
}

/** The server's close code for credentials that have ended. */
const refusedCode = 4401;

/** Subscribes from the loader's cursor. A lost connection resumes after the last event seen; so does a hole. */
export function openStream({ cursor, ...filter }: Stream, handlers: StreamHandlers): () => void {
  let lastId = cursor;
  let lastSeq: number | null = null;
  let resumedAt: number | null = null;
  let subscription: { unsubscribe(): void } | undefined;

  function receive(message: { id?: string; data?: unknown }): void {
    // Messages come tracked: the cursor beside the payload.
    const payload = message.data as Envelope | { type: "connected" | "reset" };
    if (payload.type === "connected") handlers.onConnected();
    else if (payload.type === "reset") handlers.onReset();
    else receiveEvent(payload as Envelope);
  }

  function receiveEvent(event: Envelope): void {
    const hasHole = lastSeq !== null && event.prev !== null && event.prev > lastSeq;
    if (hasHole && resumedAt !== lastSeq) {
      resumedAt = lastSeq;
      subscribe();
      return;
    }
    lastSeq = Math.max(lastSeq ?? 0, event.seq);
    lastId = event.id;
    handlers.onEvent(event);
  }

  function subscribe(): void {
    subscription?.unsubscribe();
    subscription = api().events.stream.subscribe(
      { ...filter, lastEventId: lastId },
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

  listeners.add(handlers.onRefused);
  subscribe();
  return () => {
    listeners.delete(handlers.onRefused);
    subscription?.unsubscribe();
  };
}

const listeners = new Set<() => void>();
let shared: ReturnType<typeof connect> | undefined;

/** One socket per page, opened by the first subscription. */
function api() {
  shared ??= connect();
  return shared.api;
}

/** A socket keeps the cookie that it was opened with, so the next subscription opens another. */
function refused(): void {
  shared?.close();
  shared = undefined;
  for (const tell of listeners) tell();
}

function connect() {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  const client = createWSClient({
    url: `${scheme}://${window.location.host}/trpc`,
    retryDelayMs: (attempt) => retryDelayMs(attempt),
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 5000 },
    onClose(cause) {
      if (cause?.code === refusedCode) refused();
    },
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  return { api, close: () => void client.close() };
}
