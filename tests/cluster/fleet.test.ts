import { afterEach, expect, test } from "bun:test";
import { rootFile } from "../../server/http/pages.ts";
import { startCaddy } from "../support/caddy.ts";
import { ownDatabase } from "../support/database.ts";
import { subscriber } from "../support/live.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** What docker-compose.yml describes, as local processes: Caddy in front of instances on one Postgres and one Redis. */
async function fleet(count: number) {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
    SESSION_SECRET: "f".repeat(40),
    TRUST_PROXY: "true",
    DRAIN_SECONDS: "5",
  };
  const instances = await Promise.all(
    Array.from({ length: count }, (_, i) => startServer({ env: { ...env, INSTANCE_ID: `instance-${i}` } })),
  );
  for (const i of instances.keys()) cleanups.push(async () => instances[i]?.remove());
  const caddy = await startCaddy(instances);
  cleanups.push(caddy.stop);
  const cookie = await signIn(caddy.url);
  return { url: caddy.url, restartCaddy: caddy.restart, cookie, instances, api: personClient(caddy.url, cookie) };
}

type Fleet = Awaited<ReturnType<typeof fleet>>;

/** Reads pages and the API, one after the other, until told to stop; answers with what did not succeed. */
function readers({ url, cookie }: Fleet, count: number) {
  let isOver = false;
  let reads = 0;
  const failed: string[] = [];
  const paths = ["/login", "/workflows", "/trpc/session.me", "/dashboard"];
  const loops = Array.from({ length: count }, async () => {
    for (let i = 0; !isOver; i++) {
      const path = paths[i % paths.length] ?? "";
      const answer = await fetch(url + path, { headers: { cookie }, redirect: "manual" })
        .then(async (response) => ({ status: response.status, body: await response.text() }))
        .catch((error: Error) => ({ status: 0, body: error.message }));
      reads++;
      if (answer.status !== 200 && answer.status !== 302) failed.push(`${path} ${answer.status} ${answer.body}`);
    }
  });
  return {
    reads: () => reads,
    async stop() {
      isOver = true;
      await Promise.all(loops);
      return failed;
    },
  };
}

/** Creates tasks with keys, each again with its key until it is answered; answers with their names. */
function writer({ api }: Fleet, workflowId: string) {
  let isOver = false;
  let retries = 0;
  const names: string[] = [];
  const loop = (async () => {
    while (!isOver) {
      const name = `Task ${names.length}`;
      const input = { workflowId, name, idempotencyKey: crypto.randomUUID() };
      while (!(await api.tasks.create.mutate(input).catch(() => undefined))) {
        retries++;
        await Bun.sleep(50);
      }
      names.push(name);
    }
  })();
  return {
    names,
    retries: () => retries,
    async stop() {
      isOver = true;
      await loop;
    },
  };
}

async function storedNames({ api }: Fleet, workflowId: string): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await api.tasks.list.query({ workflowId, limit: 200, ...(cursor && { cursor }) });
    names.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  }
  return names.sort();
}

/** Sends reads, keyed writes and live events through Caddy while `disturb` is at work, and holds all three to their word. */
async function underLoad(all: Fleet, disturb: () => Promise<unknown>): Promise<void> {
  const { id: workflowId } = await all.api.workflows.create.mutate({ name: "Under load" });
  const viewers = await Promise.all(Array.from({ length: 4 }, () => subscriber(all.url, all.cookie, { workflowId })));
  for (const viewer of viewers) cleanups.push(viewer.close);
  const reading = readers(all, 3);
  const writing = writer(all, workflowId);
  await until("reads and writes are under way", () => writing.names.length > 5 && reading.reads() > 10);
  await disturb();
  const [reads, writes] = [reading.reads(), writing.names.length];
  await until("they go on", () => writing.names.length > writes + 5 && reading.reads() > reads + 10);
  await writing.stop();

  expect(await reading.stop()).toEqual([]);
  await expectAllSeen(viewers, await expectStoredOnce(all, workflowId, writing.names));
}

/** Each name that was written is there once; answers with them in order. */
async function expectStoredOnce(all: Fleet, workflowId: string, names: string[]): Promise<string[]> {
  const written = names.toSorted();
  expect(await storedNames(all, workflowId)).toEqual(written);
  return written;
}

async function expectAllSeen(viewers: Awaited<ReturnType<typeof subscriber>>[], written: string[]): Promise<void> {
  for (const viewer of viewers) {
    const seen = () => {
      const created = viewer.events.filter(({ type }) => type === "task_created");
      return new Set(created.map(({ data }) => (data as { name: string }).name));
    };
    await until("a viewer has seen every task", () => seen().size === written.length);
    expect([...seen()].sort()).toEqual(written);
    expect(viewer.resets()).toBe(0);
  }
}

test("pages, files, the API and live updates come through Caddy from both instances", async () => {
  const all = await fleet(2);
  const served = new Set<string | null>();
  for (let i = 0; i < 20; i++) served.add((await fetch(`${all.url}/login`)).headers.get("x-instance"));
  expect([...served].sort()).toEqual(["instance-0", "instance-1"]);

  const page = await fetch(`${all.url}/login`);
  expect(page.headers.get("server")).not.toBe("Caddy");
  const asset = /\/assets\/[\w.-]+\.js/.exec(await page.text())?.[0] ?? "";
  const built = await Bun.file(rootFile(`build/client${asset}`)).text();
  for (const { url } of [all, ...all.instances]) {
    for (const encoding of ["br", "gzip", "identity"]) {
      const file = await fetch(url + asset, { headers: { "accept-encoding": encoding } });
      expect(file.headers.get("content-encoding") ?? "identity").toBe(encoding);
      expect(file.headers.get("content-type")).toContain("text/javascript");
      expect(file.headers.get("vary")).toContain("Accept-Encoding");
      expect(file.headers.get("cache-control")).toContain("immutable");
      expect(file.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await file.text()).toBe(built);
    }
  }
  const figures = await fetch(`${all.url}/metrics`);
  expect(figures.status).toBe(404);
  for (const { headers } of [page, figures, await fetch(all.url + asset)]) expectSafe(headers);
  const large = await fetch(`${all.url}/trpc/session.me`, { method: "POST", body: new Uint8Array(11 * 1024 * 1024) });
  expect(large.status).toBe(413);

  const viewers = await Promise.all([0, 1].map(() => subscriber(all.url, all.cookie)));
  for (const viewer of viewers) cleanups.push(viewer.close);
  const workflow = await all.api.workflows.create.mutate({ name: "Seen by all" });
  for (const viewer of viewers) {
    await until("the change is seen", () => viewer.events.some(({ entityId }) => entityId === workflow.id));
  }
});

function expectSafe(headers: Headers): void {
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
  expect(headers.get("server")).not.toBe("Caddy");
}

test("with no instance left Caddy says so in words, with the headers of every answer", async () => {
  const all = await fleet(1);
  await all.instances[0]?.stop();
  const answer = await fetch(`${all.url}/login`);
  expect(answer.status).toBeGreaterThanOrEqual(502);
  expect(await answer.text()).toContain("The factory does not answer");
  expect(answer.headers.get("retry-after")).toBe("5");
  expectSafe(answer.headers);
}, 60_000);

test("a restart of Caddy costs no write twice and no viewer an event", async () => {
  const all = await fleet(2);
  const { id: workflowId } = await all.api.workflows.create.mutate({ name: "Behind a restarted proxy" });
  const viewers = await Promise.all(Array.from({ length: 4 }, () => subscriber(all.url, all.cookie, { workflowId })));
  for (const viewer of viewers) cleanups.push(viewer.close);
  const writing = writer(all, workflowId);
  await until("writes are under way", () => writing.names.length > 5);
  await all.restartCaddy();
  const written = writing.names.length;
  await until("they go on", () => writing.names.length > written + 5);
  await writing.stop();
  expect(writing.retries()).toBeGreaterThan(0);
  await expectAllSeen(viewers, await expectStoredOnce(all, workflowId, writing.names));
}, 60_000);

test("an instance that is killed costs no read, no write twice and no viewer an event", async () => {
  const all = await fleet(2);
  await underLoad(all, async () => {
    all.instances[0] = await restart(all.instances[0], "SIGKILL");
  });
}, 60_000);

test("a rolling restart of three instances goes unnoticed", async () => {
  const all = await fleet(3);
  await underLoad(all, async () => {
    for (const [i, instance] of all.instances.entries()) all.instances[i] = await restart(instance, "SIGTERM");
  });
}, 90_000);

async function restart(instance: RunningServer | undefined, signal: NodeJS.Signals): Promise<RunningServer> {
  if (!instance) throw new Error("No such instance");
  return instance.restart(signal);
}
