import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeHeavyEvents } from "../../tests/live/heavy.ts";
import { frameOf, openLine, upgrade } from "../../tests/support/line.ts";
import { storedSeqs } from "../realtime/testing.ts";
import { createAgent } from "../services/agents/create.ts";
import { asSystem } from "../services/context.ts";
import { type TestServer, testServer } from "../testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.stop());

type Words = Record<string, unknown>;

function open(headers: Record<string, string> = {}) {
  const address = `${server.url.replace("http", "ws")}/ws`;
  // Bun's own addition to the standard constructor.
  const socket = new WebSocket(address, { headers } as unknown as string[]);
  const came: Words[] = [];
  let wake = () => {};
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  socket.onopen = () => opened.resolve();
  socket.onclose = ({ code }) => closed.resolve(code);
  socket.onmessage = ({ data }) => {
    came.push(JSON.parse(String(data)));
    wake();
  };
  async function next(): Promise<Words> {
    for (;;) {
      const words = came.shift();
      if (words) return words;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const say = (words: unknown) => socket.send(typeof words === "string" ? words : JSON.stringify(words));
  return { opened: opened.promise, closed: closed.promise, next, say, leave: () => socket.close() };
}

/** An agent's socket that has been let in. */
async function connected() {
  const { agent, token } = await server.agent();
  const socket = open({ authorization: `Bearer ${token}` });
  expect(await socket.next()).toEqual({ type: "connected" });
  return { ...socket, agent };
}

const makeAgent = async () =>
  (
    await createAgent(asSystem(server.app.host), {
      name: `made-${crypto.randomUUID().slice(0, 8)}`,
      capabilities: [],
      maxConcurrent: 1,
    })
  ).agent;

test("a token in the handshake, in the first message, or a cookie from our own page lets in", async () => {
  (await connected()).leave();

  const { token } = await server.agent();
  const later = open();
  await later.opened;
  later.say({ action: "subscribe", channel: "agents" });
  expect(await later.next()).toMatchObject({
    type: "error",
    message: expect.stringContaining("Say first who you are"),
  });
  later.say({ action: "auth", token });
  expect(await later.next()).toEqual({ type: "connected" });
  later.leave();

  const { cookie } = await server.signedIn();
  const page = open({ cookie, origin: server.url });
  expect(await page.next()).toEqual({ type: "connected" });
  page.leave();
});

test("nobody else gets in", async () => {
  const stranger = open({ authorization: "Bearer wfd_made_up" });
  expect(await stranger.next()).toMatchObject({ type: "error" });
  expect(await stranger.closed).toBe(4401);
  const { cookie } = await server.signedIn();
  const foreign = await fetch(`${server.url}/ws`, {
    headers: {
      cookie,
      origin: "https://evil.example",
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  expect(foreign.status).toBe(403);
  expect((await fetch(`${server.url}/ws`)).status).toBe(426);
});

test("a fault of ours is not told to strangers: a fixed sentence, and 1011", async () => {
  await server.db.query("alter table agent_tokens rename to agent_tokens_away");
  try {
    const stranger = open({ authorization: "Bearer wfd_whatever" });
    expect(await stranger.next()).toEqual({
      type: "error",
      message: "Something went wrong on our side. Connect again in a while.",
    });
    expect(await stranger.closed).toBe(1011);
  } finally {
    await server.db.query("alter table agent_tokens_away rename to agent_tokens");
  }
  (await connected()).leave();
});

test("a channel brings its changes as plain JSON until it is left", async () => {
  const { next, say, leave } = await connected();
  say({ action: "subscribe", channel: "agents" });
  expect(await next()).toEqual({ type: "subscribed", channel: "agents", id: expect.any(String) });
  const agent = await makeAgent();
  expect(await next()).toMatchObject({
    type: "agent_created",
    channel: "agents",
    entityId: agent.id,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    data: { name: agent.name, createdAt: agent.createdAt.toISOString() },
  });
  say({ action: "unsubscribe", channel: "agents" });
  expect(await next()).toEqual({ type: "unsubscribed", channel: "agents" });
  await makeAgent();
  say({ action: "ping" });
  expect(await next()).toEqual({ type: "pong" });
  leave();
});

test("`since` resumes from a cursor, and a cursor that is worth nothing says reset", async () => {
  const cursor = await server.app.log.cursor();
  const missed = await makeAgent();
  const { next, say, leave } = await connected();
  say({ action: "subscribe", channel: "agents", since: cursor });
  expect(await next()).toEqual({ type: "subscribed", channel: "agents", id: cursor });
  expect(await next()).toMatchObject({ type: "agent_created", entityId: missed.id });
  say({ action: "subscribe", channel: "workflows", since: "of another log" });
  let words = await next();
  while (words.type !== "subscribed") words = await next();
  expect(await next()).toMatchObject({ type: "reset", channel: "workflows", id: expect.any(String) });
  leave();
});

test("what is not understood is answered with what to do, and harms nobody", async () => {
  const { next, say, leave } = await connected();
  for (const [words, answer] of [
    ["{", "Send an action"],
    [[], "Send an action"],
    [{ action: "dance" }, "Send an action"],
    [{ action: "subscribe", channel: "secrets" }, "Name one of the channels: workflows"],
    [{ action: "auth", token: "again" }, "already"],
  ] as const) {
    say(words);
    expect(await next()).toMatchObject({ type: "error", message: expect.stringContaining(answer) });
  }
  say({ action: "ping" });
  expect(await next()).toEqual({ type: "pong" });
  leave();
});

test("a flood closes it with 4429, a message that is too big with 1009", async () => {
  const flooding = await connected();
  for (let i = 0; i < 2000; i++) flooding.say({ action: "ping" });
  expect(await flooding.closed).toBe(4429);
  const heavy = await connected();
  heavy.say(" ".repeat(1024 * 1024 + 1));
  expect(await heavy.closed).toBe(1009);
});

test("a revoked token closes it with 4401 within two seconds", async () => {
  const { agent, closed } = await connected();
  const began = performance.now();
  await server.db.query("update agent_tokens set revoked_at = now() where agent_id = $1", [agent.id]);
  expect(await closed).toBe(4401);
  expect(performance.now() - began).toBeLessThan(2000);
});

test("a server that goes away says so with 1001", async () => {
  const leaving = await testServer();
  const { token } = await leaving.agent();
  const socket = new WebSocket(`${leaving.url.replace("http", "ws")}/ws`, {
    headers: { authorization: `Bearer ${token}` },
  } as unknown as string[]);
  const closed = Promise.withResolvers<number>();
  socket.onclose = ({ code }) => closed.resolve(code);
  await new Promise((resolve) => {
    socket.onmessage = resolve;
  });
  await leaving.stop();
  expect(await closed.promise).toBe(1001);
});

test("a ping behind an event that is long on its way does not cost the socket", async () => {
  const { token } = await server.agent();
  const line = await openLine(server.url);
  upgrade(line, "/ws", [`Authorization: Bearer ${token}`]);
  line.write(frameOf('{"action":"subscribe","channel":"agents"}'));
  await line.until("subscribed");
  line.pause();
  await writeHeavyEvents(server.db, { channel: "agents", count: 1, bytes: 12_000_000 });
  const seq = (await storedSeqs(server.db)).at(-1) ?? 0;
  while (server.app.log.position().high < seq) await new Promise(setImmediate);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  for (let i = 0; i < 3; i++) line.write(frameOf('{"action":"ping"}'));
  // An answer to what was asked later means that the pings were heard.
  await fetch(`${server.url}/healthz`);
  line.resume();
  const words = await line.until('\x81\x0f{"type":"pong"}'.repeat(3));
  expect(words.length).toBeGreaterThan(12_000_000);
  expect(words.match(/"type":"pong"/g)).toHaveLength(3);
  line.close();
});
