import { afterAll, beforeAll, expect, test } from "bun:test";
import { createClient } from "../../client/index.ts";
import { type RunningServer, startServer } from "../../tests/support/server.ts";
import { personClient, signIn } from "../../tests/support/sign-in.ts";

let server: RunningServer;
let token: string;
let taskId: string;
beforeAll(async () => {
  server = await startServer();
  const api = personClient(server.url, await signIn(server.url));
  token = (await api.agents.create.mutate({ name: "keyed" })).token;
  const { tasks } = await api.workflows.create.mutate({ name: "Talk", tasks: [{ key: "a", name: "A" }] });
  taskId = tasks[0]?.id ?? "";
}, 60_000);
afterAll(() => server.remove());

interface Answer {
  result?: { data: { json: { id: string; text: string } } };
  error?: { json: { message: string; data: { code: string; reason?: string } } };
}

async function post<Body>(path: string, key: string, body: unknown): Promise<{ status: number; body: Body }> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key };
  const answer = await fetch(`${server.url}/trpc/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Body };
}

const comment = (key: string, text: string) => post<Answer>("comments.create", key, { json: { taskId, text } });

async function commentsSaying(text: string): Promise<string[]> {
  const { items } = await createClient({ url: server.url, token }).comments.list.query({ taskId, limit: 200 });
  return items.filter((item) => item.text === text).map(({ id }) => id);
}

test("a call with a key in the header has one effect, and a repeat gets the first answer", async () => {
  const first = await comment("once", "Said once");
  const again = await comment("once", "Said once");
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.body).toEqual(first.body);
  expect(await commentsSaying("Said once")).toEqual([first.body.result?.data.json.id ?? ""]);
});

test("a key in the header that was used with other words is a conflict", async () => {
  await comment("other", "These words");
  const { status, body } = await comment("other", "Other words");
  expect([status, body.error?.json.data.reason]).toEqual([409, "idempotency_mismatch"]);
  expect(await commentsSaying("Other words")).toEqual([]);
});

test("two calls at once with equal keys have one effect and one answer", async () => {
  const answers = await Promise.all([comment("at once", "Said at once"), comment("at once", "Said at once")]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const ids = answers.map(({ body }) => body.result?.data.json.id ?? "");
  expect(await commentsSaying("Said at once")).toEqual([...new Set(ids)]);
});

test("a key over 200 characters is refused, since two that differ at the end would be one", async () => {
  expect((await comment("k".repeat(200), "Long key")).status).toBe(200);
  const { status, body } = await comment("k".repeat(201), "Longer key");
  expect([status, body.error?.json.data.code]).toEqual([400, "BAD_REQUEST"]);
  expect(body.error?.json.message).toContain("200 characters");
  expect(await commentsSaying("Longer key")).toEqual([]);
});

test("one key for a batch of several calls is refused, and nothing is done; a batch of one is one call", async () => {
  const both = { 0: { json: { taskId, text: "First of two" } }, 1: { json: { taskId, text: "Second of two" } } };
  const { status, body } = await post<Answer[]>("comments.create,comments.create?batch=1", "batch", both);
  expect(status).toBe(400);
  expect(body.map(({ error }) => error?.json.message)).toEqual(Array(2).fill(expect.stringContaining("for one call")));
  expect([...(await commentsSaying("First of two")), ...(await commentsSaying("Second of two"))]).toEqual([]);

  const one = { 0: { json: { taskId, text: "Alone" } } };
  const alone = await Promise.all([1, 2].map(() => post<Answer[]>("comments.create?batch=1", "one", one)));
  expect(alone.map(({ status }) => status)).toEqual([200, 200]);
  expect(await commentsSaying("Alone")).toHaveLength(1);
});
