import { afterAll, beforeAll, expect, test } from "bun:test";
import { createAgent } from "../services/agents/create.ts";
import { asSystem } from "../services/context.ts";
import { type TestServer, testServer } from "../testing.ts";

const times = { recheckMs: 50, pingAfterMs: 300, cutAfterMs: 900 };

let server: TestServer;
let traffic: ReturnType<typeof setInterval>;
beforeAll(async () => {
  server = await testServer({}, times);
  const host = asSystem(server.app.host);
  // A sign of life of the server's own, many times in the span after which a dead reader is cut.
  traffic = setInterval(() => {
    void createAgent(host, { name: `news-${crypto.randomUUID()}`, capabilities: [], maxConcurrent: 1 });
  }, 100);
});
afterAll(async () => {
  clearInterval(traffic);
  await server.stop();
});

/** Speaks just enough of the protocol to subscribe, and then reads without ever answering. */
async function silentReader(token: string) {
  const { hostname, port } = new URL(server.url);
  const closed = Promise.withResolvers<number>();
  let pings = 0;
  let bytes = 0;
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open(socket) {
        const head = [
          "GET /ws HTTP/1.1",
          `Host: ${hostname}:${port}`,
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          `Authorization: Bearer ${token}`,
        ];
        socket.write(`${head.join("\r\n")}\r\n\r\n`);
        socket.write(frame(JSON.stringify({ action: "subscribe", channel: "agents" })));
      },
      data(_, data) {
        bytes += data.length;
        if (data[0] === 0x89) pings++;
      },
      close: () => closed.resolve(performance.now()),
    },
  });
  return { closed: closed.promise, pings: () => pings, bytes: () => bytes };
}

/** A client's text frame; a mask of zeros leaves its text as it is. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

test("a reader that no longer answers is cut although news is sent to it all the while; one that answers stays", async () => {
  const { token } = await server.agent();
  const answering = new WebSocket(`${server.url.replace("http", "ws")}/ws`, {
    headers: { authorization: `Bearer ${token}` },
  } as unknown as string[]);
  await new Promise((resolve) => {
    answering.onmessage = resolve;
  });
  const began = performance.now();
  const silent = await silentReader(token);

  const silentMs = (await silent.closed) - began;
  expect(silentMs).toBeGreaterThanOrEqual(times.cutAfterMs);
  expect(silentMs).toBeLessThan(3 * times.cutAfterMs);
  expect(silent.pings()).toBeGreaterThan(0);
  expect(silent.bytes()).toBeGreaterThan(1000);
  expect(answering.readyState).toBe(WebSocket.OPEN);
  answering.close();
});
