import { expect, test } from "bun:test";
import { openLine } from "../tests/support/line.ts";
import { createAgent } from "./services/agents/create.ts";
import { asSystem } from "./services/context.ts";
import { cookieOf, httpClient, signIn, testServer } from "./testing.ts";

test("a stopping server answers what waits, sends sockets elsewhere with 1001 and refuses what is new", async () => {
  const server = await testServer();
  const { token } = await server.agent();
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
  const messages: string[] = [];
  socket.onmessage = ({ data }) => messages.push(String(data));
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));

  const api = httpClient(server.url, { authorization: `Bearer ${token}` });
  const longPoll = api.tasks.claim.mutate({ waitMs: 20_000 });
  // An answer to a later call means that the long poll has been taken in.
  await api.session.me.query();

  const began = performance.now();
  const stopped = server.stop();
  const again = server.stop();
  expect(await longPoll).toEqual([]);
  expect(await closed).toBe(1001);
  expect(messages.some((message) => message.includes('"reconnect"'))).toBe(true);
  await Promise.all([stopped, again]);
  expect(performance.now() - began).toBeLessThan(3000);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test("a change under way is finished and answered", async () => {
  const server = await testServer();
  await server.signedIn();
  const signingIn = signIn(server.url, "ann@example.org");
  // The request is under way as soon as the server has been asked anything after it.
  await fetch(`${server.url}/healthz`);
  const stopped = server.stop();
  const response = await signingIn;
  expect(response.status).toBe(200);
  expect(cookieOf(response)).toStartWith("wf_session=");
  await stopped;
});

test("an answer on its way to a slow reader arrives whole", async () => {
  const server = await testServer();
  const capabilities = Array.from({ length: 50 }, (_, i) => `${"c".repeat(60)}${i}`);
  const ctx = asSystem(server.app.host);
  for (let i = 0; i < 50; i++) await createAgent(ctx, { name: `able-${i}`, capabilities, maxConcurrent: 1 });
  const { token } = await server.agent();
  const line = await openLine(server.url);
  const calls = Array.from({ length: 100 }, () => "agents.list").join(",");
  line.send([`GET /trpc/${calls}?batch=1 HTTP/1.1`, `Authorization: Bearer ${token}`, "Connection: close"]);
  const head = await line.until("\r\n\r\n");
  line.pause();

  const stopped = server.stop();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  line.resume();
  await line.closed;
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const [, start = ""] = head.split("\r\n\r\n");
  expect(length).toBeGreaterThan(10_000_000);
  expect(start.length + (await line.until("the end")).length).toBe(length);
  await stopped;
});
