import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { Channel } from "../../db/enums.ts";
import type { AppRouter } from "../../server/trpc/router.ts";
import { History, type Seen } from "./history.ts";

export interface Viewer {
  name: string;
  history: History;
  resets(): number;
  connections(): number;
  close(): Promise<void>;
}

interface ViewerOptions {
  name: string;
  url: string;
  token: string;
  random(): number;
  /** Between two looks whether the server still answers. */
  pingMs?: number;
}

/** tRPC's own client, which resumes by itself. */
export async function trpcViewer(options: ViewerOptions, channels?: Channel[]): Promise<Viewer> {
  const { name, url, token, random, pingMs = 1000 } = options;
  const history = new History();
  let resets = 0;
  let connections = 0;
  const client = createWSClient({
    url: `${url.replace("http", "ws")}/trpc`,
    connectionParams: { token },
    retryDelayMs: () => 20 + random() * 200,
    keepAlive: { enabled: true, intervalMs: pingMs, pongTimeoutMs: pingMs },
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  await new Promise<void>((resolve, reject) => {
    api.events.stream.subscribe(
      { channels },
      {
        onData({ data }) {
          if (data.type === "connected") {
            connections++;
            resolve();
          } else if (data.type === "reset") resets++;
          else history.add(data);
        },
        onError: reject,
      },
    );
  });
  return { name, history, resets: () => resets, connections: () => connections, close: () => client.close() };
}

/** A client of `/ws` as a stranger would write it: every channel on one socket, `since` after a lost connection. */
export async function plainViewer(options: ViewerOptions, channels: Channel[]): Promise<Viewer> {
  const { name, url, token, random, pingMs = 1000 } = options;
  const history = new History();
  const cursors = new Map<string, string>();
  const subscribed = Promise.withResolvers<void>();
  let resets = 0;
  let connections = 0;
  let isOver = false;
  let socket: WebSocket;

  function connect(): void {
    socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
    const say = (words: object) => socket.send(JSON.stringify(words));
    let isAlive = true;
    const ping = setInterval(() => {
      // A frozen server answers nothing, and its socket stays open.
      if (!isAlive) socket.close();
      isAlive = false;
      if (socket.readyState === WebSocket.OPEN) say({ action: "ping" });
    }, pingMs);
    socket.onopen = () => say({ action: "auth", token });
    socket.onmessage = ({ data }) => {
      isAlive = true;
      const message = JSON.parse(String(data)) as Seen & { type: string; channel: string; id?: string };
      if (message.id) cursors.set(message.channel, message.id);
      if (message.type === "connected") {
        connections++;
        for (const channel of channels) say({ action: "subscribe", channel, since: cursors.get(channel) });
      } else if (message.type === "subscribed") {
        if (cursors.size === channels.length) subscribed.resolve();
      } else if (message.type === "reset") resets++;
      else if (message.seq) history.add(message);
    };
    socket.onclose = () => {
      clearInterval(ping);
      if (!isOver) setTimeout(connect, 20 + random() * 200);
    };
  }
  connect();
  await subscribed.promise;
  return {
    name,
    history,
    resets: () => resets,
    connections: () => connections,
    async close() {
      isOver = true;
      socket.close();
    },
  };
}
