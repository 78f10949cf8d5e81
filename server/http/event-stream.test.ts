import { afterAll, beforeAll, expect, test } from "bun:test";
import { openLine } from "../../tests/support/line.ts";
import { type TestServer, testServer } from "../testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.stop());

/** The live stream over plain HTTP, for networks that block WebSockets. */
async function open(token: string, signal?: AbortSignal) {
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await fetch(`${server.url}/trpc/events.stream`, { headers, ...(signal && { signal }) });
  if (!body) throw new Error("A stream has a body");
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  async function until(part: string) {
    while (!text.includes(part)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The stream ended before ${part}`);
      text += value;
    }
  }
  return { reader, until };
}

const subscribers = () => server.app.log.position().subscribers;

test("brings changes as they are committed", async () => {
  const { token } = await server.agent();
  const leave = new AbortController();
  const { until } = await open(token, leave.signal);
  await until("connected");
  const { agent } = await server.agent();
  await until(agent.id);
  leave.abort();
  while (subscribers() > 0) await new Promise(setImmediate);
});

test("ends within two seconds when the token is revoked", async () => {
  const { agent, token } = await server.agent();
  const { reader, until } = await open(token);
  await until("connected");
  const began = performance.now();
  await server.db.query("update agent_tokens set revoked_at = now() where agent_id = $1", [agent.id]);
  while (!(await reader.read()).done);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(subscribers()).toBe(0);
});

test("two hundred at once of one agent are served, and one more when one of them has left", async () => {
  const { token } = await server.agent();
  const headers = { authorization: `Bearer ${token}` };
  const lines = await Promise.all(Array.from({ length: 200 }, () => openLine(server.url)));
  for (const line of lines) line.send(["GET /trpc/events.stream HTTP/1.1", `Authorization: Bearer ${token}`]);
  for (const line of lines) await line.until("connected");
  const refused = await fetch(`${server.url}/trpc/events.stream`, { headers });
  expect(await refused.text()).toContain('"code":"TOO_MANY_REQUESTS"');

  lines[0]?.close();
  while (subscribers() > 199) await new Promise(setImmediate);
  const again = await open(token);
  await again.until("connected");
  await again.reader.cancel();
  for (const line of lines) line.close();
  while (subscribers() > 0) await new Promise(setImmediate);
});

test("a revoked token ends all streams that it has opened", async () => {
  const { token, agent } = await server.agent();
  const streams = await Promise.all(Array.from({ length: 20 }, () => open(token)));
  for (const { until } of streams) await until("connected");
  await server.db.query("update agent_tokens set revoked_at = now() where agent_id = $1", [agent.id]);
  for (const { reader } of streams) while (!(await reader.read()).done);
  expect(subscribers()).toBe(0);
});

test("ends when the server stops, without holding it up", async () => {
  const { token } = await server.agent();
  const { reader, until } = await open(token);
  await until("connected");
  const began = performance.now();
  const stopped = server.stop();
  while (!(await reader.read()).done);
  await stopped;
  // Far from the fifteen seconds that a stopping server gives to what is under way.
  expect(performance.now() - began).toBeLessThan(5000);
});
