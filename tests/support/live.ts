import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { Envelope } from "../../server/realtime/events.ts";
import type { AppRouter } from "../../server/trpc/router.ts";

/** A subscriber with a person's cookie. It keeps every event, and resumes by itself after a lost connection. */
export async function subscriber(url: string, cookie: string, filter: { workflowId?: string } = {}) {
  class WithCookie extends WebSocket {
    constructor(address: string | URL) {
      // Bun's WebSocket takes headers, which the browser's type does not know.
      super(address, { headers: { cookie, origin: url } } as unknown as string[]);
    }
  }
  const client = createWSClient({
    url: `${url.replace("http", "ws")}/trpc`,
    // Only the constructor's arguments differ from the type.
    WebSocket: WithCookie as typeof WebSocket,
    retryDelayMs: () => 50,
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  const events: Envelope[] = [];
  let resets = 0;
  await new Promise<void>((resolve, reject) => {
    api.events.stream.subscribe(filter, {
      onData: ({ data }) => {
        if (data.type === "connected") resolve();
        else if (data.type === "reset") resets++;
        else events.push(data);
      },
      onError: reject,
    });
  });
  return { events, resets: () => resets, close: () => client.close() };
}
