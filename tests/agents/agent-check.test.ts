import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAgent, type Finding } from "../../scripts/agent-check/check.ts";
import { startFactory } from "../../scripts/agent-check/factory.ts";
import { scenarios } from "../../scripts/agent-check/scenarios.ts";
import { until } from "../support/until.ts";

const node = Bun.which("node") ?? process.execPath;

/** Programs, the scenarios that they must pass, and those that must find them out, with a part of what these say. */
const programs: Record<string, { command: string; passes: string[]; fails: Record<string, string> }> = {
  "without our client": {
    command: `${node} demo/plain-agent.mjs`,
    passes: ["task", "lease", "lost-lease", "cancel", "idle", "drain"],
    fails: {},
  },
  "that never sends a heartbeat": {
    command: broken("never-beats"),
    passes: ["task", "idle"],
    // Who sends no heartbeat does not hear of a cancellation either.
    fails: { lease: "it was not renewed", cancel: "did not do the next one" },
  },
  "that never gives a lost run up": {
    command: broken("never-gives-up"),
    passes: ["lease", "cancel"],
    fails: { "lost-lease": "/trpc/runs.complete: lease_expired" },
  },
  "that ignores cancellations": {
    command: broken("ignores-cancel"),
    passes: ["lease", "lost-lease"],
    fails: { cancel: "did not do the next one" },
  },
  "that reports what was cancelled": {
    command: broken("reports-the-cancelled"),
    passes: ["task"],
    fails: { cancel: "It reported a result for the cancelled task" },
  },
  "that reports what it has reported": {
    command: broken("reports-twice"),
    passes: ["task"],
    fails: { race: "such as /trpc/runs.fail: terminal" },
  },
  "that hammers while there is no work": {
    command: broken("hammers"),
    passes: ["task", "lost-answer"],
    fails: { idle: "With nothing to do it sent" },
  },
  "that hammers when it is refused": {
    command: broken("asks-again-when-refused"),
    passes: ["task"],
    fails: { revoked: "requests with a revoked token" },
  },
  "that ends when a connection is cut": {
    command: broken("gives-up-at-once"),
    passes: ["task"],
    fails: { "lost-answer": "ended with 1 by itself" },
  },
  "that ignores SIGTERM": {
    command: broken("ignores-sigterm"),
    passes: ["task"],
    fails: { drain: "It still ran 10 s after SIGTERM" },
  },
  "that does not take its time": {
    command: broken("works-at-once"),
    passes: ["idle"],
    fails: { task: "The input asked for 2 s of work" },
  },
};

const cleanup = new AsyncDisposableStack();
const findings: (Finding & { of: string })[] = [];
let allTried: Promise<unknown>;
beforeAll(async () => {
  const factory = await startFactory(cleanup, 4);
  // What must go wrong need not be waited for so long.
  const checks = Object.entries(programs).flatMap(([of, { command, passes, fails }]) => [
    { of, command, patienceSeconds: 60, names: passes },
    { of, command, patienceSeconds: 10, names: Object.keys(fails) },
  ]);
  const tryNext = async () => {
    for (let next = checks.shift(); next; next = checks.shift()) {
      const { of, command, patienceSeconds, names } = next;
      const tasks = { capability: "check", input: { name: "Ann" } };
      const program = { command, cwd: ".", ...tasks, drainSeconds: patienceSeconds, patienceSeconds };
      const chosen = scenarios.filter(({ name }) => names.includes(name));
      const found = await checkAgent({ factory, program, scenarios: chosen }, cleanup);
      findings.push(...found.map((finding) => ({ of, ...finding })));
    }
  };
  // They mostly wait, so several go on at the same time.
  allTried = Promise.all(Array.from({ length: 8 }, tryNext));
}, 120_000);
afterAll(() => cleanup.disposeAsync());

test.each(Object.entries(programs))(
  "an agent %s is found out where it breaks a rule, and nowhere else",
  async (name, { fails }) => {
    await allTried;
    const failed = findings.filter(({ of, verdict }) => of === name && verdict !== "passed");
    expect(failed.map((one) => one.name).sort()).toEqual(Object.keys(fails).sort());
    for (const { name, seen, advice } of failed) {
      expect(seen).toContain(fails[name] ?? "");
      expect(advice).toBeTruthy();
    }
  },
  180_000,
);

test("the agent of the guide passes every scenario of the command", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wf-report-"));
  const json = join(folder, "report.json");
  const agent = `--command=${node} demo/hello-agent.mjs`;
  const check = start([agent, "--capability=greet", "--lease-seconds=10", '--input={"name":"Ann"}', `--json=${json}`]);
  expect(await printedBy(check)).toEndWith(`\n${scenarios.length} passed, 0 failed\n`);
  expect(await check.exited).toBe(0);
  const report = JSON.parse(readFileSync(json, "utf8"));
  expect(report).toMatchObject({ ok: true, command: `${node} demo/hello-agent.mjs` });
  expect(report.findings.map((finding: Finding) => finding.name)).toEqual(scenarios.map(({ name }) => name));
  rmSync(folder, { recursive: true });
}, 300_000);

test("a program that does nothing is told so at once, and the rest is not tried", async () => {
  const check = start(["--command=sh -c 'echo I cannot start; exit 3'", "--only=task,race"]);
  const report = await printedBy(check);
  expect(report).toContain("No task was claimed: the program ended with 3 by itself.");
  expect(report).toContain("I cannot start");
  expect(report).toEndWith("\n0 passed, 1 failed, 1 not tried\n");
  expect(await check.exited).toBe(1);
}, 120_000);

test("Ctrl-C leaves no program, no server and no file behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wf-stopped-"));
  const check = start([`--command=sh -c 'echo my pid is $$; exec ${broken("nothing")}'`, "--only=lease", "--verbose"], {
    TMPDIR: folder,
  });
  let printed = "";
  const all = (async () => {
    for await (const chunk of check.stdout) printed += new TextDecoder().decode(chunk);
  })();
  const [, pid] = await until("the program runs", () => /my pid is (\d+)/.exec(printed), 60);
  const [url = ""] = /http:\S+\d/.exec(printed) ?? [];
  expect((await fetch(`${url}/healthz`)).ok).toBe(true);
  check.kill("SIGINT");
  expect(await check.exited).toBe(130);
  await all;
  expect(printed).toEndWith("Stopping …\n");
  expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
}, 60_000);

test.each([
  [[], "--command is missing"],
  [["--command=x", "--only=races"], 'there is no scenario "races"'],
  [["--command=x", "--input=[1]"], "--input must be a JSON object"],
  [["--command=x", "--capability=Two words"], "--capability must be one lower-case word"],
  [["--command=x", "--lease-seconds=soon"], "--lease-seconds must be a whole number from 2 to 60"],
  [["--command=x", "--cwd=/nowhere"], "--cwd: there is no folder /nowhere"],
  [["--comand=x"], "--comand"],
])("with %p it says what is wrong and how it is used", async (args, message) => {
  const check = start(args);
  const said = await new Response(check.stderr).text();
  expect(said).toContain(message);
  expect(said).toContain("Usage: bun run agent:check");
  expect(await check.exited).toBe(1);
});

test("every rule that it names is in the guide", async () => {
  const guide = await Bun.file("docs/agents.md").text();
  const headings = [...guide.matchAll(/^## (.*)$/gm)].map(([, title = ""]) => title.toLowerCase().replaceAll(" ", "-"));
  const [, rules = ""] = guide.split("\n## The rules\n");
  for (const { rule } of scenarios) {
    const [, section = "", numbers = ""] = /^docs\/agents\.md#([a-z-]+)(?:, rules? (.*))?$/.exec(rule) ?? [];
    expect(headings).toContain(section);
    expect(numbers.match(/\d+/g)?.filter((number) => !rules.includes(`\n${number}. `)) ?? []).toEqual([]);
  }
});

/** The whole agent beside this file, with this fault. */
function broken(fault: string): string {
  return `${process.execPath} tests/agents/agent.mjs ${fault}`;
}

function start(args: string[], env: Record<string, string> = {}) {
  return Bun.spawn([process.execPath, "scripts/agent-check.ts", ...args], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
}

const printedBy = (check: ReturnType<typeof start>) => new Response(check.stdout).text();
