import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpLink,
  splitLink,
  type TRPCClient,
  wsLink,
} from "@trpc/client";
import superjson from "superjson";
import { WebSocket as NodeWebSocket } from "ws";
import type { AppRouter } from "../server/trpc/router.ts";
import { fullJitter } from "./backoff.ts";

export interface ClientOptions {
  /** The address of the factory, such as https://factory.example.com. */
  url: string;
  /** An agent's token. */
  token: string;
  /** Makes the HTTP calls instead of the global fetch: through a proxy, or under watch. */
  fetch?: Fetch | undefined;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export type FactoryClient = TRPCClient<AppRouter>;

/**
 * A batch is answered when its slowest call is: what the server holds open shares none, and neither does the heartbeat,
 * which must not wait for anything. What may be big goes alone too, since a batch of several would be over the limit that
 * each of them keeps.
 */
const alone = new Set([
  "tasks.claim",
  "suggestions.wait",
  "agents.heartbeat",
  "runs.artifact",
  "runs.complete",
  "runs.log",
]);

/** Between two tries, so that a subscription is back soon after the factory is, however long it was away. */
const reconnectAtMostMs = 5_000;

/**
 * The typed client: queries and mutations in batches over HTTP, subscriptions over a WebSocket that opens with the
 * first one and reconnects with full jitter. Times are Dates.
 */
export function createClient({ url, token, fetch }: ClientOptions): FactoryClient {
  const base = addressOf(url);
  if (!token) throw new TypeError("token is missing: give the agent's token, which begins with wfd_.");
  const http = {
    url: `${base}/trpc`,
    transformer: superjson,
    headers: { authorization: `Bearer ${token}` },
    // tRPC hands over an address and what fetch takes beside it; its types leave more open.
    ...(fetch && { fetch: (to: unknown, init?: unknown) => fetch(String(to), init as RequestInit) }),
  };
  const socket = createWSClient({
    url: `${base.replace(/^http/, "ws")}/trpc`,
    connectionParams: { token },
    lazy: { enabled: true, closeMs: 10_000 },
    keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5_000 },
    retryDelayMs: (attempt) => fullJitter(attempt, Math.random(), reconnectAtMostMs),
    // Node 20 has no WebSocket of its own; the package's class is alike in what tRPC uses of it.
    WebSocket: globalThis.WebSocket ?? (NodeWebSocket as unknown as typeof WebSocket),
  });
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: wsLink({ client: socket, transformer: superjson }),
        false: splitLink({
          condition: (op) => alone.has(op.path),
          true: httpLink(http),
          false: httpBatchLink({ ...http, maxItems: 100 }),
        }),
      }),
    ],
  });
}

/** Without a slash at the end. Programs often take it from the environment, where it may be missing. */
function addressOf(url: unknown): string {
  if (typeof url === "string" && /^https?:\/\/./.test(url) && URL.canParse(url)) return url.replace(/\/+$/, "");
  throw new TypeError(
    `url must be the factory's address, such as http://127.0.0.1:3000; it is ${JSON.stringify(url)}.`,
  );
}
