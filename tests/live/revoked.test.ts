import { afterEach, expect, test } from "bun:test";
import { ownDatabase } from "../support/database.ts";
import { startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Opens `/ws` and waits until it has been let in; answers with the close code that will come. */
async function letIn(url: string, headers: Record<string, string>): Promise<{ closed: Promise<number> }> {
  // Bun's WebSocket takes headers, which the browser's type does not know.
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, { headers } as unknown as string[]);
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise((resolve) => {
    socket.onmessage = resolve;
  });
  return { closed };
}

test("rights that end at one instance end at every instance's sockets within two seconds", async () => {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
    SESSION_SECRET: "r".repeat(40),
  };
  const [here, there] = await Promise.all([startServer({ env }), startServer({ env })]);
  cleanups.push(here.remove, there.remove);
  const cookie = await signIn(here.url);
  const api = personClient(here.url, cookie);
  const archived = await api.agents.create.mutate({ name: "archived" });
  const kept = await api.agents.create.mutate({ name: "kept" });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const ofAgent = await Promise.all([here, there].map(({ url }) => letIn(url, bearer(archived.token))));
  const ofPerson = await Promise.all([here, there].map(({ url }) => letIn(url, { cookie, origin: url })));
  const ofOther = await letIn(there.url, bearer(kept.token));
  let isOtherClosed = false;
  void ofOther.closed.then(() => {
    isOtherClosed = true;
  });

  for (const [sockets, revoke] of [
    [ofAgent, () => api.agents.archive.mutate({ id: archived.agent.id })],
    [ofPerson, () => fetch(`${here.url}/logout`, { method: "POST", headers: { cookie, origin: here.url } })],
  ] as const) {
    const began = performance.now();
    await revoke();
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401]);
    expect(performance.now() - began).toBeLessThan(2000);
  }
  expect(isOtherClosed).toBe(false);
});
