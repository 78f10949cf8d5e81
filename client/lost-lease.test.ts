import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RunningServer, startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import { until } from "../tests/support/until.ts";
import { type Job, runAgent } from "./index.ts";
import { network } from "./testing.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ env: { LEASE_SECONDS: "3", SWEEP_SECONDS: "1" } });
}, 60_000);
afterAll(() => server.remove());

test("an agent whose network fell silent stops by itself, and its late result never replaces its successor's", async () => {
  const api = personClient(server.url, await signIn(server.url));
  const between = network(server.url);
  const stop = new AbortController();
  const notices: string[] = [];
  const newToken = async (name: string) =>
    (await api.agents.create.mutate({ name, capabilities: ["dig"], maxConcurrent: 1 })).token;

  let job: Job | undefined;
  let goOn = () => {};
  const first = runAgent({
    url: between.url,
    token: await newToken("cut off"),
    signal: stop.signal,
    drainMs: 100,
    onNotice: (message) => notices.push(message),
    handlers: {
      dig: async (current) => {
        job = current;
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        return "from the one that was cut off";
      },
    },
  });
  const { tasks } = await api.workflows.create.mutate({
    name: "A hole",
    tasks: [{ key: "dig", name: "Dig", requiredCapabilities: ["dig"] }],
  });
  const id = tasks[0]?.id ?? "";
  await until("the first agent has the task", () => job);

  const leaseEnd = async () => (await api.runs.byTask.query({ taskId: id }))[0]?.leaseExpiresAt.getTime() ?? 0;
  const atFirst = await leaseEnd();
  await until("the lease was renewed", async () => (await leaseEnd()) > atFirst);

  between.fallSilent();
  await until("it stops by its own clock", () => job?.signal.aborted);
  await until("the task was taken back", async () => (await api.tasks.byId.query({ id })).status === "pending");
  const second = runAgent({
    url: server.url,
    token: await newToken("successor"),
    signal: stop.signal,
    handlers: { dig: async () => "from its successor" },
  });
  const completed = () => api.tasks.byId.query({ id }).then((task) => task.status === "completed" && task);
  expect((await until("the successor is done", completed)).result).toBe("from its successor");

  between.comeBack();
  goOn();
  await until("the first agent hears from the factory again", () => notices.at(-1)?.includes("answers again"));
  expect(notices[0]).toContain("does not answer");
  stop.abort();
  await Promise.all([first, second]);
  expect((await completed()) || null).toMatchObject({ result: "from its successor", attempt: 2 });
  const runs = await api.runs.byTask.query({ taskId: id });
  expect(runs.map((run) => run.outcome)).toEqual(["succeeded", "lost"]);
  between.close();
}, 90_000);
