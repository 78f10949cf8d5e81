import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { ownDatabase } from "../support/database.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

/** Opens `/ws` and waits until it has been let in; answers with the close code that will come. */
async function letIn(url: string, headers: Record<string, string>) {
  // Bun's WebSocket takes headers, which the browser's type does not know.
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, { headers } as unknown as string[]);
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise((resolve) => {
    socket.onmessage = resolve;
  });
  return { socket, closed };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe.each([
  ["with Redis", 2000, { REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379" }],
  ["without Redis", 5000, {}],
] as const)("rights that end at one instance %s, end at every instance's sockets in time", (_, withinMs, bus) => {
  let instances: RunningServer[];
  let database: Awaited<ReturnType<typeof ownDatabase>>;
  let cookie: string;
  let api: ReturnType<typeof personClient>;
  const open: WebSocket[] = [];

  beforeAll(async () => {
    database = await ownDatabase();
    const env = { ...bus, DATABASE_URL: database.url, SESSION_SECRET: "r".repeat(40) };
    instances = await Promise.all([startServer({ env }), startServer({ env })]);
    cookie = await signIn(here());
    api = personClient(here(), cookie);
  });
  afterEach(() => {
    for (const socket of open.splice(0)) socket.close();
  });
  afterAll(async () => {
    for (const instance of instances) await instance.remove();
    await database.drop();
  });

  const here = () => instances[0]?.url ?? "";

  /** A socket on each instance. */
  async function everywhere(headersAt: (url: string) => Record<string, string>) {
    const sockets = await Promise.all(instances.map(({ url }) => letIn(url, headersAt(url))));
    open.push(...sockets.map(({ socket }) => socket));
    return sockets;
  }

  /** A person of this role, signed in. */
  async function invited(role: "viewer" | "operator") {
    const email = `${crypto.randomUUID()}@example.test`;
    const password = "a long enough secret";
    const { link } = await api.users.invite.mutate({ name: "Guest", email, role });
    const fields = { token: new URL(link, here()).searchParams.get("token") ?? "", name: "Guest", email, password };
    await fetch(`${here()}/setup`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: here() },
      body: new URLSearchParams(fields),
    });
    const { items } = await api.users.list.query();
    const { id } = items.find((user) => user.email === email) ?? { id: "" };
    return { id, cookie: await signIn(here(), { email, password }) };
  }

  async function expectClosed(sockets: Awaited<ReturnType<typeof everywhere>>, end: () => Promise<unknown>) {
    const began = performance.now();
    await end();
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401]);
    expect(performance.now() - began).toBeLessThan(withinMs);
  }

  test("a person signs out", async () => {
    const { cookie } = await invited("viewer");
    await expectClosed(await everywhere((origin) => ({ cookie, origin })), () =>
      fetch(`${here()}/logout`, { method: "POST", headers: { cookie, origin: here() } }),
    );
  });

  test("a person is disabled", async () => {
    const { id, cookie } = await invited("operator");
    await expectClosed(await everywhere((origin) => ({ cookie, origin })), () => api.users.disable.mutate({ id }));
  });

  test("an operator becomes a viewer, who is let in again and makes nothing", async () => {
    const { id, cookie } = await invited("operator");
    const asOperator = await everywhere((origin) => ({ cookie, origin }));
    const began = performance.now();
    await expectClosed(asOperator, () => api.users.setRole.mutate({ id, role: "viewer" }));
    for (const { url } of instances) {
      const makeWorkflow = () => personClient(url, cookie).workflows.create.mutate({ name: "Not mine to make" });
      await until("a viewer is refused", () =>
        makeWorkflow().then(
          () => false,
          (error) => error.data?.code === "FORBIDDEN",
        ),
      );
    }
    expect(performance.now() - began).toBeLessThan(withinMs);
    const asViewer = await everywhere((origin) => ({ cookie, origin }));
    expect(asViewer.map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  });

  test("an agent's token is replaced, or the agent archived, and nobody else's socket is touched", async () => {
    const replaced = await api.agents.create.mutate({ name: "replaced" });
    const archived = await api.agents.create.mutate({ name: "archived" });
    const kept = await api.agents.create.mutate({ name: "kept" });
    const others = await everywhere(() => bearer(kept.token));
    const [ofReplaced, ofArchived] = [
      await everywhere(() => bearer(replaced.token)),
      await everywhere(() => bearer(archived.token)),
    ];
    await expectClosed(ofArchived, () => api.agents.archive.mutate({ id: archived.agent.id }));
    await expectClosed(ofReplaced, () => api.agents.rotateToken.mutate({ id: replaced.agent.id }));
    expect(others.map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  });
});
