import { afterEach, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownDatabase } from "../support/database.ts";
import { openLine, upgrade } from "../support/line.ts";
import { admin, type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function onPostgres(): Promise<RunningServer> {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  return startServer({ env: { DATABASE_URL: database.url, SESSION_SECRET: "k".repeat(40) } });
}

for (const [name, start] of [
  ["Postgres", onPostgres],
  ["the embedded database", () => startServer()],
] as const) {
  test(`a server killed in the middle of writes loses nothing that it acknowledged, on ${name}`, async () => {
    let server = await start();
    const cookie = await signIn(server.url);
    const api = personClient(server.url, cookie);
    const { id: workflowId } = await api.workflows.create.mutate({ name: "Killed" });
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; ; i++) {
        const task = await api.tasks.create.mutate({ workflowId, name: `Task ${writer}-${i}` });
        acknowledged.push(task.id);
      }
    });
    const ended = Promise.allSettled(writers);
    await until("some writes are acknowledged", () => acknowledged.length >= 40);
    server = await server.restart("SIGKILL");
    cleanups.push(server.remove);
    await ended;

    const again = personClient(server.url, cookie);
    const kept = new Set<string>();
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await again.tasks.list.query({ workflowId, limit: 200, ...(cursor && { cursor }) });
      for (const task of page.items) kept.add(task.id);
      cursor = page.nextCursor;
    }
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    const { ok, rows, unsealed } = await again.audit.verify.query();
    expect(ok).toBe(true);
    expect(rows + unsealed).toBeGreaterThanOrEqual(acknowledged.length);
  }, 90_000);
}

test("an agent killed in the middle of a task loses it to another, who hears of the first attempt", async () => {
  const server = await startServer({ env: { LEASE_SECONDS: "2", SWEEP_SECONDS: "1" } });
  cleanups.push(server.remove);
  const api = personClient(server.url, await signIn(server.url));
  const { tasks } = await api.workflows.create.mutate({ name: "Orphaned", tasks: [{ key: "a", name: "A" }] });
  const id = tasks[0]?.id ?? "";
  const statusOf = async () => (await api.tasks.byId.query({ id })).status;

  const { token: firstToken } = await api.agents.create.mutate({ name: "doomed" });
  const doomed = agentProcess(server.url, firstToken, "await new Promise(() => {})");
  await until("the first agent holds it", async () => (await statusOf()) === "in_progress");
  doomed.kill("SIGKILL");
  const { token: secondToken } = await api.agents.create.mutate({ name: "heir" });
  const heir = agentProcess(server.url, secondToken, "return job.context.attempts");
  await until("the second agent has completed it", async () => (await statusOf()) === "completed", 30);
  heir.kill("SIGTERM");
  expect(await heir.exited).toBe(0);
  expect((await api.tasks.byId.query({ id })).result).toMatchObject([{ attempt: 1, outcome: "lost" }]);
}, 60_000);

test("a second process on the same embedded database is refused, and told who has it", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "wf-test-"));
  const server = await startServer({ dataDir });
  cleanups.push(server.remove);
  await expect(startServer({ dataDir })).rejects.toThrow(`process ${server.pid}`);
});

test("SIGTERM, also twice, answers what waits and what comes, sends sockets elsewhere and ends with 0 in time", async () => {
  const drainSeconds = 8;
  const server = await startServer({ env: { DRAIN_SECONDS: String(drainSeconds) } });
  cleanups.push(server.remove);
  const cookie = await signIn(server.url);
  const { token } = await personClient(server.url, cookie).agents.create.mutate({ name: "waiting" });
  const bearer = `Authorization: Bearer ${token}`;
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openLine(server.url)));
  for (const socket of sockets) {
    upgrade(socket, "/ws", [bearer]);
    await socket.until("connected");
  }
  // Half of a form, so that it is under way until the rest is sent.
  const slow = await openLine(server.url);
  const body = new URLSearchParams(admin).toString();
  const form = ["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`];
  slow.send(["POST /login HTTP/1.1", `Origin: ${server.url}`, ...form], body.slice(0, 10));
  const poll = await openLine(server.url);
  const wait = JSON.stringify({ json: { waitMs: 30_000 } });
  poll.send(["POST /trpc/tasks.claim HTTP/1.1", bearer, ...json(wait)], wait);
  // An answer to what was sent later means that those were taken in.
  await fetch(`${server.url}/healthz`);

  const began = performance.now();
  process.kill(server.pid, "SIGTERM");
  expect(await poll.until("[]")).toContain("200 OK");
  const late = await openLine(server.url);
  late.send(["GET /readyz HTTP/1.1"]);
  const ready = await late.until("eventLag");
  expect(ready).toContain("503");
  expect(ready).toContain('"draining":true');
  const ended = server.stop();
  await Promise.all(sockets.map((socket) => socket.until("going away")));
  slow.write(body.slice(10));
  expect(await slow.until("\r\n\r\n")).toContain("302");
  expect(await ended).toBe(0);
  expect(performance.now() - began).toBeLessThan(drainSeconds * 1000);
}, 60_000);

const json = (body: string) => ["Content-Type: application/json", `Content-Length: ${body.length}`];

test("settings that make no sense are all named at once", async () => {
  const env = { PORT: "none", LEASE_SECONDS: "-1" };
  const refused = startServer({ env });
  await expect(refused).rejects.toThrow(/PORT[\s\S]*LEASE_SECONDS/);
});

/** An agent as a process of its own, which does this with its jobs. */
function agentProcess(url: string, token: string, body: string) {
  const code = `
    import { runAgent } from ${JSON.stringify(join(import.meta.dir, "../../client/index.ts"))};
    await runAgent({ url: ${JSON.stringify(url)}, token: ${JSON.stringify(token)}, handlers: { "*": async (job) => { ${body} } } });`;
  return Bun.spawn([process.execPath, "-e", code], { stdout: "inherit", stderr: "inherit" });
}
