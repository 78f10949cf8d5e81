import { afterAll, beforeAll, expect, test } from "bun:test";
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
