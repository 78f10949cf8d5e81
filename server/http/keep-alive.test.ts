import { afterAll, beforeAll, expect, test } from "bun:test";
import { frameOf, openLine, upgrade } from "../../tests/support/line.ts";
import { createAgent } from "../services/agents/create.ts";
import { asSystem } from "../services/context.ts";
import { type TestServer, testServer } from "../testing.ts";

/** The head of a ping without content. */
const ping = "\x89\x00";
const times = { recheckMs: 50, pingAfterMs: 300, cutAfterMs: 900, signInWithinMs: 500 };

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

test("a reader that no longer answers is cut although news is sent to it all the while; one that answers stays", async () => {
  const { token } = await server.agent();
  const answering = new WebSocket(`${server.url.replace("http", "ws")}/ws`, {
    headers: { authorization: `Bearer ${token}` },
  } as unknown as string[]);
  await new Promise((resolve) => {
    answering.onmessage = resolve;
  });
  const began = performance.now();
  const silent = await openLine(server.url);
  upgrade(silent, "/ws", [`Authorization: Bearer ${token}`]);
  silent.write(frameOf('{"action":"subscribe","channel":"agents"}'));

  const silentMs = (await silent.closed) - began;
  expect(silentMs).toBeGreaterThanOrEqual(times.cutAfterMs);
  expect(silentMs).toBeLessThan(3 * times.cutAfterMs);
  const heard = await silent.until("all");
  expect(heard.match(/agent_created/g)?.length).toBeGreaterThan(3);
  expect(heard).toContain(ping);
  expect(answering.readyState).toBe(WebSocket.OPEN);
  answering.close();
});

test("who does not say who they are is closed in time with 4401", async () => {
  const began = performance.now();
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`);
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  expect(await closed).toBe(4401);
  const waitedMs = performance.now() - began;
  expect(waitedMs).toBeGreaterThanOrEqual(times.signInWithinMs);
  expect(waitedMs).toBeLessThan(4 * times.signInWithinMs);
});
