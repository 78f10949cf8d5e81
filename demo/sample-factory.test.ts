import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import { until } from "../tests/support/until.ts";
import { readDemoFile } from "./credentials.ts";
import { startAgents } from "./start-agents.ts";

let dataDir: string;
let server: RunningServer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "wf-demo-"));
  expect(await seed()).toContain("Loaded the sample factory");
  server = await startServer({ dataDir });
}, 60_000);
afterAll(() => server.remove());

/** `bun run db:seed` on this test's data; what it prints. */
async function seed(...args: string[]): Promise<string> {
  const { PATH = "" } = process.env;
  const child = Bun.spawn([process.execPath, "scripts/seed.ts", ...args], {
    env: { PATH, DATA_DIR: dataDir },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return out + err;
}

test("the samples tell a story that went well and one that did not, marked as samples", async () => {
  const api = personClient(server.url, await signIn(server.url));
  const { items } = await api.workflows.list.query({});
  const byName = Object.fromEntries(items.map((workflow) => [workflow.name, workflow]));
  expect(byName["Sample: release notes"]).toMatchObject({ status: "completed", progress: 100 });
  expect(byName["Sample: link watch"]).toMatchObject({ status: "failed" });
  const history = items.filter(({ name }) => name.startsWith("Sample"));
  for (const { description } of history) expect(description).toContain("Sample data");
  const { items: agents } = await api.agents.list.query({});
  expect(agents.find(({ name }) => name === "Sample link watcher")).toMatchObject({ successRate: 0.5, totalTasks: 2 });
});

test("what waits for an agent that nobody has says so", async () => {
  const api = personClient(server.url, await signIn(server.url));
  const { items } = await api.tasks.list.query({ search: "Translate into German" });
  const { moving, reasons } = await api.tasks.explain.query({ id: items[0]?.id ?? "" });
  expect(moving).toBe(false);
  expect(reasons.map(({ code }) => code)).toEqual(["no_capable_agent"]);
});

test("the tokens are kept where only their owner can read them", () => {
  expect(statSync(join(dataDir, "demo.json")).mode & 0o777).toBe(0o600);
  expect(Object.keys(readDemoFile(dataDir).tokens ?? {})).toHaveLength(6);
});

test("a second server or seed on the same data is refused with the reason", async () => {
  expect(await seed()).toContain("is in use by process");
});

test("the agents audit this checkout, one waits for a person and obeys, and the report says what is true", async () => {
  const api = personClient(server.url, await signIn(server.url));
  process.env.DEMO_PACE_MS = "0";
  const printed: string[] = [];
  const agents = startAgents(server.url, readDemoFile(dataDir).tokens ?? {}, (line) => printed.push(line));
  try {
    expect(agents.names).toEqual(["Surveyor", "Licence clerk", "Proofreader", "Reporter"]);
    const asked = await until("the licence clerk asks", async () => {
      const { items } = await api.suggestions.list.query({ status: "pending" });
      return items[0];
    });
    expect(asked.action).toBe("Accept the licences outside the allow-list");
    await api.suggestions.reject.mutate({ id: asked.id, reason: "Replace them" });
    const report = await until("the report is written", async () => {
      const { items } = await api.tasks.list.query({ search: "Write the report", status: "completed" });
      return items[0];
    });
    const [run] = await api.runs.byTask.query({ taskId: report.id });
    const { base64 } = await api.runs.artifactById.query({ id: run?.artifacts[0]?.id ?? "" });
    const markdown = Buffer.from(base64 ?? "", "base64").toString();
    expect(markdown).toContain("Refused: these have to be replaced: MPL-2.0");
    expect(markdown).toContain("“Replace them”");
    const installed = await Bun.file("node_modules/lightningcss/package.json").json();
    expect(markdown).toContain(`lightningcss@${installed.version}`);
  } finally {
    delete process.env.DEMO_PACE_MS;
    await agents.stop();
  }
  expect(printed).toContain("Licence clerk │ is answered: rejected");
}, 60_000);

test("loading again changes nothing; another audit is made when asked for", async () => {
  const before = readDemoFile(dataDir);
  await server.stop();
  expect(await seed()).toContain("no samples were loaded");
  expect(readDemoFile(dataDir)).toEqual(before);
  expect(await seed("--again")).toContain("Started another audit: W-5");
}, 60_000);
