import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { AppRouter } from "../server/trpc/router.ts";
import { summary } from "./measure.ts";
import { benchServer } from "./server.ts";

const events = 200;
/** Under the limit of sockets that one agent may hold. */
const socketsPerAgent = 100;

/**
 * From the request that changes a task to the change at a subscriber, every subscriber counted. The limit is Bun's own
 * `publish` of a message of the same size to as many sockets.
 */
export async function benchLive(server: string | undefined): Promise<void> {
  console.log(`\n### commit to subscriber, ${server ? "Postgres" : "PGlite"}\n`);
  console.log("| subscribers | what | p50 ms | p99 ms |\n| ---: | --- | ---: | ---: |");
  for (const subscribers of [1, 500]) {
    const limit = await nativePublish(subscribers);
    console.log(`| ${subscribers} | Bun publish, same size | ${limit.p50.toFixed(2)} | ${limit.p99.toFixed(2)} |`);
    const { answer, seen } = await throughTheFactory(server, subscribers);
    console.log(
      `| ${subscribers} | answer of the request that commits | ${answer.p50.toFixed(2)} | ${answer.p99.toFixed(2)} |`,
    );
    console.log(
      `| ${subscribers} | request sent → event at the subscriber | ${seen.p50.toFixed(2)} | ${seen.p99.toFixed(2)} |`,
    );
  }
}

async function throughTheFactory(server: string | undefined, subscribers: number) {
  const { url, api, close } = await benchServer(server);
  const seen: number[] = [];
  const answers: number[] = [];
  let sent = 0;
  let arrived = () => {};
  const tokens = await agentTokens(api, Math.ceil(subscribers / socketsPerAgent));
  const clients = await Promise.all(
    Array.from({ length: subscribers }, (_, i) =>
      subscribe(url, tokens[i % tokens.length] ?? "", (name) => {
        if (name !== `Name ${sent}`) return;
        seen.push(performance.now() - sentAt);
        if (seen.length % subscribers === 0) arrived();
      }),
    ),
  );
  let sentAt = 0;
  try {
    const { tasks } = await api.workflows.create.mutate({ name: "Live", tasks: [{ key: "a", name: "A" }] });
    const id = tasks[0]?.id ?? "";
    for (sent = 1; sent <= events; sent++) {
      const everybody = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      sentAt = performance.now();
      await api.tasks.update.mutate({ id, name: `Name ${sent}` });
      answers.push(performance.now() - sentAt);
      await everybody;
    }
  } finally {
    for (const client of clients) await client.close();
    await close();
  }
  return { answer: summary(answers, 1), seen: summary(seen, 1) };
}

async function agentTokens(api: Awaited<ReturnType<typeof benchServer>>["api"], count: number): Promise<string[]> {
  const made = Array.from({ length: count }, (_, i) => api.agents.create.mutate({ name: `Subscriber ${i}` }));
  return (await Promise.all(made)).map(({ token }) => token);
}

async function subscribe(url: string, token: string, onName: (name: string) => void) {
  const client = createWSClient({ url: `${url.replace("http", "ws")}/trpc`, connectionParams: { token } });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  await new Promise<void>((resolve, reject) => {
    api.events.stream.subscribe(
      { channels: ["tasks"] },
      {
        onData: ({ data }) => {
          if (data.type === "connected") resolve();
          else if (data.type === "task_update") onName((data.data as { name: string }).name);
        },
        onError: reject,
      },
    );
  });
  return client;
}

async function nativePublish(subscribers: number) {
  const message = "x".repeat(1500);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("", { status: 400 })),
    websocket: { open: (socket) => void socket.subscribe("all"), message() {} },
  });
  const times: number[] = [];
  let sentAt = 0;
  let arrived = () => {};
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}`);
      socket.onmessage = () => {
        times.push(performance.now() - sentAt);
        if (times.length % subscribers === 0) arrived();
      };
      return new Promise<WebSocket>((resolve) => {
        socket.onopen = () => resolve(socket);
      });
    }),
  );
  for (let i = 0; i < events; i++) {
    const everybody = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    sentAt = performance.now();
    server.publish("all", message);
    await everybody;
  }
  for (const socket of sockets) socket.close();
  await server.stop(true);
  return summary(times, 1);
}
