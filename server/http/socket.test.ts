import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { StreamMessage } from "../realtime/log.ts";
import { archiveAgent } from "../services/agents/archive.ts";
import { createAgent } from "../services/agents/create.ts";
import { asSystem } from "../services/context.ts";
import { type TestServer, testServer } from "../testing.ts";
import type { AppRouter } from "../trpc/router.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.stop());

const address = () => `${server.url.replace("http", "ws")}/trpc`;

/** A browser's socket: it sends the page's origin and cookies by itself. */
const browserSocket = (headers: Record<string, string>) =>
  class extends WebSocket {
    constructor(url: string) {
      // Bun's own addition to the standard constructor.
      super(url, { headers } as unknown as string[]);
    }
  } as unknown as typeof WebSocket;

function connect({ token, headers }: { token?: string; headers?: Record<string, string> }) {
  const closed = Promise.withResolvers<number | undefined>();
  const client = createWSClient({
    url: address(),
    retryDelayMs: () => 60_000,
    onClose: (cause) => closed.resolve(cause?.code),
    ...(token && { connectionParams: { token } }),
    ...(headers && { WebSocket: browserSocket(headers) }),
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  return { api, closed: closed.promise, leave: () => client.close() };
}

const ofPage = (cookie: string) => ({ headers: { cookie, origin: server.url } });

/** Subscribes, and gives the messages one by one. */
function subscribe({ api }: ReturnType<typeof connect>, input: { lastEventId?: string } = {}) {
  const came: StreamMessage[] = [];
  let wake = () => {};
  const ended = Promise.withResolvers<unknown>();
  const { unsubscribe } = api.events.stream.subscribe(input, {
    onData({ data }) {
      came.push(data as StreamMessage);
      wake();
    },
    onError: ended.resolve,
  });
  async function next(): Promise<StreamMessage> {
    for (;;) {
      const message = came.shift();
      if (message) return message;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return { next, unsubscribe, ended: ended.promise };
}

/** A socket on `/ws`: its first word and its close code. */
function plainSocket(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`, { headers } as unknown as string[]);
  const first = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<number>();
  socket.onmessage = ({ data }) => first.resolve(String(data));
  socket.onclose = ({ code }) => closed.resolve(code);
  return { first: first.promise, closed: closed.promise, leave: () => socket.close() };
}

const makeAgent = (name = `made-${crypto.randomUUID().slice(0, 8)}`) =>
  createAgent(asSystem(server.app.host), { name, capabilities: [], maxConcurrent: 1 });

describe("who may connect", () => {
  const handshake = async (headers: Record<string, string>) => {
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const answer = await fetch(`${server.url}/trpc`, { headers: { ...upgrade, ...headers } });
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("x-instance")).toBe(server.app.config.instanceId);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    return answer.status;
  };

  test("no page of another site, with or without a cookie", async () => {
    const { cookie } = await server.signedIn();
    expect(await handshake({ cookie, origin: "https://evil.example" })).toBe(403);
    expect(await handshake({ cookie, origin: "null" })).toBe(403);
    expect(await handshake({ cookie })).toBe(403);
    expect(await handshake({ origin: "https://evil.example" })).toBe(403);
  });

  test("an agent with its token", async () => {
    const { agent, token } = await server.agent();
    const connection = connect({ token });
    expect(await connection.api.session.me.query()).toMatchObject({ type: "agent", id: agent.id });
    await connection.leave();
  });

  test("a person from the site's own page", async () => {
    const { cookie, person } = await server.signedIn();
    const connection = connect(ofPage(cookie));
    expect(await connection.api.session.me.query()).toMatchObject({ type: "person", id: person.id });
    await connection.leave();
  });

  test("nobody with a made-up token: the socket is closed with 4401", async () => {
    const connection = connect({ token: "wfd_made_up" });
    connection.api.session.me.query().catch(() => {});
    expect(await connection.closed).toBe(4401);
    await connection.leave();
  });

  test("nobody with no word about who they are", async () => {
    const connection = connect(ofPage("wf_session=made.up"));
    expect(await connection.closed).toBe(4401);
    await connection.leave();
  });
});

test("a fault of ours is not told to strangers in its own words", async () => {
  await server.db.query("alter table agent_tokens rename to agent_tokens_away");
  const socket = new WebSocket(`${address()}?connectionParams=1`);
  const said: string[] = [];
  socket.onmessage = ({ data }) => said.push(String(data));
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  socket.onopen = () => socket.send(JSON.stringify({ method: "connectionParams", data: { token: "wfd_whatever" } }));
  try {
    expect(await closed).toBe(1011);
    expect(said.join()).not.toContain("agent_tokens");
  } finally {
    await server.db.query("alter table agent_tokens_away rename to agent_tokens");
  }
});

describe("a live stream", () => {
  test("brings a change as it is committed, with its times as times", async () => {
    const { token } = await server.agent();
    const connection = connect({ token });
    const { next, unsubscribe } = subscribe(connection);
    expect(await next()).toMatchObject({ type: "connected" });
    const { agent } = await makeAgent();
    expect(await next()).toMatchObject({
      type: "agent_created",
      entityId: agent.id,
      prev: null,
      at: expect.any(Date),
      data: { name: agent.name, createdAt: expect.any(Date) },
    });
    unsubscribe();
    await connection.leave();
  });

  test("resumes from the cursor of a page", async () => {
    const { token } = await server.agent();
    const cursor = await server.app.log.cursor();
    const { agent } = await makeAgent();
    const connection = connect({ token });
    const { next, unsubscribe } = subscribe(connection, { lastEventId: cursor });
    expect(await next()).toMatchObject({ type: "connected", id: cursor });
    expect(await next()).toMatchObject({ type: "agent_created", entityId: agent.id });
    unsubscribe();
    await connection.leave();
  });
});

test("tRPC's protocol holds word for word: batches of streams and calls, JSON-RPC, stop, and what is wrong with an input", async () => {
  const { token, agent } = await server.agent();
  const socket = new WebSocket(`${address()}?connectionParams=1`);
  const came = new Map<unknown, unknown[]>();
  let wake = () => {};
  socket.onmessage = ({ data }) => {
    const { id, ...rest } = JSON.parse(String(data));
    came.set(id, [...(came.get(id) ?? []), rest]);
    wake();
  };
  async function answers(id: unknown, count: number): Promise<unknown[]> {
    for (;;) {
      const all = came.get(id) ?? [];
      if (all.length >= count) return all;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const say = (words: unknown) => socket.send(JSON.stringify(words));
  const stream = (id: unknown, input: object, more: object = {}) => ({
    id,
    method: "subscription",
    params: { path: "events.stream", input: { json: input } },
    ...more,
  });
  say({ method: "connectionParams", data: { token } });
  say([
    stream(1, { channels: ["agents"] }),
    { id: 2, method: "query", params: { path: "session.me", input: {} } },
    stream("three", { channels: ["agents"] }, { jsonrpc: "2.0" }),
    stream(4, { channels: ["secrets"] }),
  ]);
  const id = expect.any(String);
  const connected = {
    type: "data",
    id,
    data: { json: { id, data: { type: "connected", id, through: expect.any(Number) } } },
  };
  expect(await answers(1, 2)).toEqual([{ result: { type: "started" } }, { result: connected }]);
  expect(await answers(2, 1)).toMatchObject([{ result: { data: { json: { id: agent.id } } } }]);
  expect(await answers("three", 2)).toEqual([
    { jsonrpc: "2.0", result: { type: "started" } },
    { jsonrpc: "2.0", result: connected },
  ]);
  expect(await answers(4, 1)).toMatchObject([{ error: { json: { data: { code: "BAD_REQUEST" } } } }]);

  await makeAgent();
  expect((await answers("three", 3))[2]).toMatchObject({ jsonrpc: "2.0", result: { type: "data" } });
  await answers(1, 3);
  say({ id: 1, method: "subscription.stop" });
  let last = 3;
  while (!JSON.stringify((await answers(1, last)).at(-1)).includes("stopped")) last++;
  const already = came.get("three")?.length ?? 0;
  await makeAgent();
  await answers("three", already + 1);
  expect(came.get(1)?.at(-1)).toEqual({ result: { type: "stopped" } });
  socket.close();
});

describe("within two seconds the socket is closed with 4401 when", () => {
  async function expectClosed(connection: ReturnType<typeof connect>, revoke: () => Promise<unknown>) {
    await subscribe(connection).next();
    const began = performance.now();
    await revoke();
    expect(await connection.closed).toBe(4401);
    expect(performance.now() - began).toBeLessThan(2000);
    await connection.leave();
  }
  const change = (statement: string, id: string) => () => server.db.query(statement, [id]);

  test("the agent's token is revoked", async () => {
    const { agent, token } = await server.agent();
    await expectClosed(
      connect({ token }),
      change("update agent_tokens set revoked_at = now() where agent_id = $1", agent.id),
    );
  });

  test("the agent is archived", async () => {
    const { agent, token } = await server.agent();
    await expectClosed(connect({ token }), () =>
      archiveAgent(asSystem(server.app.host), { id: agent.id, force: false }),
    );
  });

  test("the agent's token expires", async () => {
    const { agent, token } = await server.agent();
    const expire = "update agent_tokens set expires_at = now() where agent_id = $1";
    await expectClosed(connect({ token }), change(expire, agent.id));
  });

  test("the person's session expires", async () => {
    const { cookie, person } = await server.signedIn("erna@example.org");
    const expire = "update sessions set expires_at = now() where user_id = $1";
    await expectClosed(connect(ofPage(cookie)), change(expire, person.id));
  });

  test("the person signs out", async () => {
    const { cookie } = await server.signedIn();
    const headers = { cookie, origin: server.url };
    await expectClosed(connect(ofPage(cookie)), () => fetch(`${server.url}/sign-out`, { method: "POST", headers }));
  });

  test("the person's role changes", async () => {
    const { cookie, person } = await server.signedIn("rolf@example.org", "operator");
    await expectClosed(connect(ofPage(cookie)), change("update users set role = 'viewer' where id = $1", person.id));
  });
});

describe("limits", () => {
  test("a batch of more than a hundred calls is refused", async () => {
    const { token } = await server.agent();
    const socket = new WebSocket(`${address()}?connectionParams=1`);
    const answer = Promise.withResolvers<string>();
    socket.onmessage = ({ data }) => answer.resolve(String(data));
    socket.onopen = () => {
      socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));
      const calls = Array.from({ length: 101 }, (_, id) => ({ id, method: "query", params: { path: "session.me" } }));
      socket.send(JSON.stringify(calls));
    };
    expect(await answer.promise).toContain("exceeds maximum size");
    socket.close();
  });

  test("a flood of messages closes the socket with 4429", async () => {
    const { token } = await server.agent();
    const socket = new WebSocket(`${address()}?connectionParams=1`);
    const closed = Promise.withResolvers<number>();
    socket.onclose = ({ code }) => closed.resolve(code);
    socket.onopen = () => {
      socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));
      for (let i = 0; i < 2000; i++) socket.send("PING");
    };
    expect(await closed.promise).toBe(4429);
  });

  test("a message of more than a megabyte closes the socket with 1009", async () => {
    const socket = new WebSocket(`${address()}?connectionParams=1`);
    const closed = Promise.withResolvers<number>();
    socket.onclose = ({ code }) => closed.resolve(code);
    socket.onopen = () => socket.send("x".repeat(1024 * 1024 + 1));
    expect(await closed.promise).toBe(1009);
  });

  test("more than fifty streams on one socket close it with 4429", async () => {
    const { token } = await server.agent();
    const connection = connect({ token });
    for (let i = 0; i < 51; i++) connection.api.events.stream.subscribe({}, {});
    expect(await connection.closed).toBe(4429);
    await connection.leave();
  });

  test("the two hundred and first socket of one agent is closed with 4429, and another agent's is not", async () => {
    const { token } = await server.agent();
    const sockets = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = plainSocket(token);
        expect(await socket.first).toContain("connected");
        return socket;
      }),
    );
    const oneMore = plainSocket(token);
    expect(await oneMore.first).toContain("At most 200 sockets");
    expect(await oneMore.closed).toBe(4429);
    const { token: ofAnother } = await server.agent();
    const another = plainSocket(ofAnother);
    expect(await another.first).toContain("connected");
    for (const { leave } of [...sockets, another]) leave();
  });

  test("nonsense harms nobody", async () => {
    const { token } = await server.agent();
    const socket = new WebSocket(`${address()}?connectionParams=1`);
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));
    for (const nonsense of [
      "",
      "{",
      "[]",
      "[[]]",
      "null",
      '{"id":{}}',
      '{"id":1,"method":"__proto__"}',
      new Uint8Array([0xff]),
    ]) {
      socket.send(nonsense);
    }
    const connection = connect({ token });
    expect(await connection.api.session.me.query()).toMatchObject({ type: "agent" });
    await connection.leave();
    socket.close();
  });
});
