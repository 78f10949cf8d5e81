import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { type RunningServer, startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import { until } from "../tests/support/until.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
  // What the build makes of the client for Node.
  await Bun.build({ entrypoints: ["client/index.ts"], target: "node", format: "esm", outdir: "build/agent-client" });
}, 60_000);
afterAll(() => server.remove());

test.each(["docs/agents.md", "README.md"])("%s shows this very program", async (path) => {
  const guide = await Bun.file(path).text();
  const [, shown] = /```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/.exec(guide) ?? [];
  const program = await Bun.file("demo/hello-agent.mjs").text();
  expect(program).toEndWith(shown ?? "nothing");
});

const runtimes = { Bun: process.execPath, Node: Bun.which("node") };

for (const [runtime, program] of Object.entries(runtimes)) {
  test.skipIf(!program || !existsSync(program))(
    `the agent of the guide runs on ${runtime}, asks, obeys and stops when told`,
    async () => {
      const api = personClient(server.url, await signIn(server.url));
      const { token } = await api.agents.create.mutate({ name: `On ${runtime}`, capabilities: ["greet"] });
      const agent = Bun.spawn([program ?? "", "demo/hello-agent.mjs"], {
        env: { FACTORY_URL: server.url, FACTORY_TOKEN: token },
        stdout: "pipe",
        stderr: "pipe",
      });
      const { id, tasks } = await api.workflows.create.mutate({
        name: "Greetings",
        tasks: [{ key: "ann", name: "Greet Ann", requiredCapabilities: ["greet"], input: { name: "Ann" } }],
      });
      const open = await until("it asks", async () => {
        const { items } = await api.suggestions.list.query({ status: "pending" });
        return items.find((one) => one.workflowId === id);
      });
      await api.suggestions.approve.mutate({ id: open.id });
      const task = await until("the task is done", async () => {
        const found = await api.tasks.byId.query({ id: tasks[0]?.id ?? "" });
        return found.status === "completed" && found;
      });
      expect(task.result).toEqual({ greeting: "Hi Ann!" });
      agent.kill("SIGTERM");
      expect(await agent.exited).toBe(0);
      expect(await new Response(agent.stderr).text()).toBe("");
    },
    60_000,
  );
}

test("the loop without our client takes tasks, completes one and fails one", async () => {
  const api = personClient(server.url, await signIn(server.url));
  const { token } = await api.agents.create.mutate({ name: "Plain", capabilities: ["greet-plainly"] });
  const agent = Bun.spawn([runtimes.Node ?? runtimes.Bun, "demo/plain-agent.mjs"], {
    env: { FACTORY_URL: server.url, FACTORY_TOKEN: token },
    stdout: "inherit",
    stderr: "inherit",
  });
  const requiredCapabilities = ["greet-plainly"];
  const { tasks } = await api.workflows.create.mutate({
    name: "Plain greetings",
    tasks: [
      { key: "ann", name: "Greet Ann", requiredCapabilities, input: { name: "Ann" } },
      { key: "nobody", name: "Greet nobody", requiredCapabilities, maxAttempts: 1 },
    ],
  });
  const ended = await until("both tasks have ended", async () => {
    const found = await Promise.all(tasks.map(({ id }) => api.tasks.byId.query({ id })));
    return found.every(({ status }) => status === "completed" || status === "failed") && found;
  });
  expect(ended.map(({ result, failureReason }) => result ?? failureReason)).toEqual([
    { greeting: "Hi Ann!" },
    "Error: The input needs a name",
  ]);
  agent.kill();
  await agent.exited;
}, 60_000);
