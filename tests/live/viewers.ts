import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { Channel } from "../../db/enums.ts";
import type { StreamFilter } from "../../server/realtime/log.ts";
import type { AppRouter } from "../../server/trpc/router.ts";
import { History } from "./history.ts";
import { Rows, type Shown } from "./rows.ts";

export interface Viewer {
  name: string;
  filter: StreamFilter;
  history: History;
  /** What it shows: the events folded, and after a reset what it has loaded. */
  rows: Rows;
  resets(): number;
  /** Nothing that it was told to load anew is still on its way. */
  isLoaded(): boolean;
  connections(): number;
  close(): Promise<void>;
}

export interface ViewerOptions {
  name: string;
  url: string;
  token: string;
  random(): number;
  /** Between two looks whether the server still answers. */
  pingMs?: number;
  /** Reads everything, when it is told to. */
  load?: () => Promise<Shown[]>;
}

interface SeenEvent extends Shown {
  seq: number;
  type: string;
}

/** What a viewer keeps of what it is sent, whatever the way. */
function memory({ load = async () => [] }: ViewerOptions) {
  const history = new History();
  const rows = new Rows();
  let resets = 0;
  let loaded = 0;
  return {
    history,
    rows,
    resets: () => resets,
    isLoaded: () => loaded === resets,
    see(event: SeenEvent): void {
      history.add(event);
      rows.take(event.type.endsWith("_deleted") ? { ...event, data: undefined } : event);
    },
    async startAnew(): Promise<void> {
      const mine = ++resets;
      rows.startAnew();
      const read = await load();
      // Told once more meanwhile: the later read counts.
      if (mine !== resets) return;
      for (const row of read) rows.take(row);
      loaded = mine;
    },
  };
}

/** tRPC's own client, which resumes by itself. */
export async function trpcViewer(options: ViewerOptions, filter: StreamFilter): Promise<Viewer> {
  const { name, url, token, random, pingMs = 1000 } = options;
  const { see, startAnew, ...kept } = memory(options);
  let connections = 0;
  const client = createWSClient({
    url: `${url.replace("http", "ws")}/trpc`,
    connectionParams: { token },
    retryDelayMs: () => 20 + random() * 200,
    keepAlive: { enabled: true, intervalMs: pingMs, pongTimeoutMs: pingMs },
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  await new Promise<void>((resolve, reject) => {
    api.events.stream.subscribe(filter, {
      onData({ data }) {
        if (data.type === "connected") {
          connections++;
          resolve();
        } else if (data.type === "reset") void startAnew();
        else see(data);
      },
      onError: reject,
    });
  });
  return { name, filter, ...kept, connections: () => connections, close: () => client.close() };
}

/** A client of `/ws` as a stranger would write it: every channel on one socket, `since` after a lost connection. */
export async function plainViewer(options: ViewerOptions, channels: Channel[]): Promise<Viewer> {
  const { name, url, token, random, pingMs = 1000 } = options;
  const { see, startAnew, ...kept } = memory(options);
  const cursors = new Map<string, string>();
  const subscribed = Promise.withResolvers<void>();
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
      const message = JSON.parse(String(data)) as SeenEvent & { channel: string; id?: string };
      if (message.id) cursors.set(message.channel, message.id);
      if (message.type === "connected") {
        connections++;
        for (const channel of channels) say({ action: "subscribe", channel, since: cursors.get(channel) });
      } else if (message.type === "subscribed") {
        if (cursors.size === channels.length) subscribed.resolve();
      } else if (message.type === "reset") void startAnew();
      else if (message.seq) see(message);
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
    filter: { channels },
    ...kept,
    connections: () => connections,
    async close() {
      isOver = true;
      socket.close();
    },
  };
}
