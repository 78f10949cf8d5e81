import { createClient } from "redis";

/** The limit: Bun's own publish of what comes by Redis, with nothing around it. Prints its port. */
const [url = "", channel = ""] = process.argv.slice(2);
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("", { status: 400 })),
  websocket: {
    open(socket) {
      socket.subscribe("all");
      socket.send('{"type":"started"}');
    },
    message() {},
  },
});
const redis = await createClient({ url }).connect();
await redis.subscribe(channel, (message) => void server.publish("all", message));
console.log(server.port);
