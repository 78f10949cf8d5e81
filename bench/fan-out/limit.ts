import { createClient } from "redis";

/** The limit: Bun's own publish of what comes by Redis, with nothing around it. Prints its port. */
const [url = "", channel = ""] = process.argv.slice(2);
const server = Bun.serve<string>({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const isUpgraded = server.upgrade(request, { data: new URL(request.url).searchParams.get("topic") ?? "" });
    return isUpgraded ? undefined : new Response("", { status: 400 });
  },
  websocket: {
    open(socket) {
      socket.subscribe(socket.data);
      socket.send('{"type":"started"}');
    },
    message() {},
  },
});
const redis = await createClient({ url }).connect();
// The topic stands on a line of its own before the message.
await redis.subscribe(channel, (message) => {
  const end = message.indexOf("\n");
  server.publish(message.slice(0, end), message.slice(end + 1));
});
console.log(server.port);
