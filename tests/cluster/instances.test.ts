import { afterEach, expect, test } from "bun:test";
import { runAgent } from "../../client/index.ts";
import { startInstances } from "../support/instances.ts";
import { subscriber } from "../support/live.ts";
import type { RunningServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function factory(count: number, env: Record<string, string> = {}): Promise<RunningServer[]> {
  const { servers, close } = await startInstances(count, env);
  cleanups.push(close);
  return servers;
}

const [first, second] = [0, 1];
const at = (servers: RunningServer[], index: number) => {
  const server = servers[index];
  if (!server) throw new Error("No such instance");
  return server;
};

test("three instances that start at once on an empty database all come up, with one admin", async () => {
  const servers = await factory(3);
  for (const server of servers) {
    const { status } = await fetch(`${server.url}/readyz`);
    expect(status).toBe(200);
    const api = personClient(server.url, await signIn(server.url));
    expect((await api.users.list.query()).items).toHaveLength(1);
  }
});

test("what is done at one instance is seen at the other, in order and once", async () => {
  const servers = await factory(2);
  const cookie = await signIn(at(servers, first).url);
  const viewer = await subscriber(at(servers, second).url, cookie);
  cleanups.push(viewer.close);
  const api = personClient(at(servers, first).url, cookie);
  const { tasks } = await api.workflows.create.mutate({ name: "Seen", tasks: [{ key: "a", name: "Name 0" }] });
  const id = tasks[0]?.id ?? "";
  for (let i = 1; i <= 20; i++) await api.tasks.update.mutate({ id, name: `Name ${i}` });
  const names = () =>
    viewer.events.filter((event) => event.entityId === id).map((event) => (event.data as { name: string }).name);
  await until("all changes have arrived", () => names().length >= 21);
  expect(names()).toEqual(Array.from({ length: 21 }, (_, i) => `Name ${i}`));
});

test("a viewer whose instance is killed resumes without a gap", async () => {
  const servers = await factory(2);
  const cookie = await signIn(at(servers, first).url);
  const viewer = await subscriber(at(servers, second).url, cookie);
  cleanups.push(viewer.close);
  const api = personClient(at(servers, first).url, cookie);
  const { tasks } = await api.workflows.create.mutate({ name: "Gapless", tasks: [{ key: "a", name: "Name 0" }] });
  const id = tasks[0]?.id ?? "";
  await until("the first event", () => viewer.events.some((event) => event.entityId === id));
  const restarted = at(servers, second).restart("SIGKILL");
  for (let i = 1; i <= 10; i++) await api.tasks.update.mutate({ id, name: `Name ${i}` });
  cleanups.push((await restarted).remove);
  const names = () =>
    new Set(
      viewer.events.filter((event) => event.entityId === id).map((event) => (event.data as { name: string }).name),
    );
  await until("what was missed has arrived", () => names().size === 11);
});

test("a task created at one instance reaches an agent that waits at the other at once", async () => {
  const servers = await factory(2);
  const api = personClient(at(servers, first).url, await signIn(at(servers, first).url));
  const { token } = await api.agents.create.mutate({ name: "waiter", capabilities: ["wait"] });
  const stop = new AbortController();
  let startedAt = 0;
  const agent = runAgent({
    url: at(servers, second).url,
    token,
    signal: stop.signal,
    handlers: {
      wait: () => {
        startedAt = performance.now();
      },
    },
  });
  await until("the agent is online", async () => (await api.agents.list.query({})).items[0]?.status === "online");
  const createdAt = performance.now();
  await api.workflows.create.mutate({
    name: "Woken",
    tasks: [{ key: "a", name: "A", requiredCapabilities: ["wait"] }],
  });
  await until("the task was begun", () => startedAt);
  // The wait is 25 s; being woken is far from that on any machine.
  expect(startedAt - createdAt).toBeLessThan(5000);
  stop.abort();
  await agent;
});

test("two factories on one Redis never see each other's events", async () => {
  const [ours] = await factory(1);
  const [theirs] = await factory(1);
  if (!ours || !theirs) throw new Error("Both are up");
  const cookie = await signIn(ours.url);
  const viewer = await subscriber(ours.url, cookie);
  cleanups.push(viewer.close);
  const stranger = await personClient(theirs.url, await signIn(theirs.url)).workflows.create.mutate({ name: "Theirs" });
  const own = await personClient(ours.url, cookie).workflows.create.mutate({ name: "Ours" });
  await until("our own event", () => viewer.events.some((event) => event.entityId === own.id));
  expect(viewer.events.map((event) => event.entityId)).not.toContain(stranger.id);
});

test("when Redis is not there, instances still see each other's changes, a little later", async () => {
  const servers = await factory(2, { REDIS_URL: "redis://127.0.0.1:1" });
  const cookie = await signIn(at(servers, first).url);
  const viewer = await subscriber(at(servers, second).url, cookie);
  cleanups.push(viewer.close);
  const api = personClient(at(servers, first).url, cookie);
  const workflow = await api.workflows.create.mutate({ name: "Without Redis" });
  const seen = () => viewer.events.some((event) => event.entityId === workflow.id);
  // One look a second; the rest is for a busy machine.
  await until("the event arrives by looking in the table", seen, 4);
});
