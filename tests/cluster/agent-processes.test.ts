import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/client.ts";
import { Ledger } from "../../scripts/simulate/ledger.ts";
import { selfCheck } from "../../scripts/simulate/self-check.ts";
import { type AgentProcess, startAgentProcess } from "../support/agent-process.ts";
import { startInstances } from "../support/instances.ts";
import { seeded } from "../support/seeded.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

const seed = Number(process.env.STRESS_SEED ?? 20_261_124);
const random = seeded(seed);
const workMs = 400;

let factory: Awaited<ReturnType<typeof startInstances>>;
let api: ReturnType<typeof personClient>;
let db: Database;
const processes: AgentProcess[] = [];
beforeAll(async () => {
  factory = await startInstances(1, { LEASE_SECONDS: "2", SWEEP_SECONDS: "1" });
  api = personClient(factory.at(0).url, await signIn(factory.at(0).url));
  db = await openDatabase({ url: factory.databaseUrl, poolSize: 2 });
}, 60_000);
afterAll(async () => {
  for (const { kill } of processes) kill("SIGKILL");
  await Promise.all(processes.map(({ exited }) => exited));
  await db.close();
  await factory.close();
});

test(`agents stopped beyond their lease lose the task to others, report in vain and go on (seed ${seed})`, async () => {
  const ledger = new Ledger();
  const team = (await hire("stopped", 6)).map((agent, i) => ({ ...agent, isStubborn: i < 2 }));
  const running = team.map((agent) => start(agent, ledger));
  await createTasks(ledger, "stopped", 40);
  const lost = await Promise.all(
    running.slice(0, 4).map(async (process, i) => {
      const { runId, taskId } = await stopBeyondLease(process, team[i]?.id);
      await until(
        "another has done it",
        async () => (await api.tasks.byId.query({ id: taskId })).status === "completed",
      );
      const already = completionsBy(process.name, ledger);
      process.kill("SIGCONT");
      return { name: process.name, taskId, runId, already, isStubborn: team[i]?.isStubborn };
    }),
  );
  // The others may have seen in time that their lease was over.
  for (const { taskId, runId } of lost.filter(({ isStubborn }) => isStubborn)) {
    const kept = await until("its late report is kept", () => artifactsOf(taskId, runId));
    expect(kept).toMatchObject([{ name: "late-result.json", late: true }]);
    await until("it was told no", () => ledger.refusals.some((refusal) => refusal.runId === runId));
  }
  await until("each of them has completed another task", async () => {
    const waiting = lost.filter(({ name, already }) => completionsBy(name, ledger) === already);
    const { items } = await api.tasks.list.query({ label: "stopped", status: "pending", limit: 1 });
    if (waiting.length > 0 && items.length === 0) await createTasks(ledger, "stopped", team.length);
    return waiting.length === 0;
  });
  await stopAll(running);

  const acknowledged = ledger.completions.map(({ runId }) => runId);
  for (const { runId } of lost) expect(acknowledged).not.toContain(runId);
  expect((await selfCheck(api, ledger)).violations).toEqual([]);
}, 60_000);

test(`agents killed at any moment leave no task undone and none done twice (seed ${seed})`, async () => {
  const ledger = new Ledger();
  const team = await hire("killed", 6);
  const running = team.map((agent) => start(agent, ledger));
  await createTasks(ledger, "killed", 60);
  for (let round = 1; round <= 3; round++) {
    const known = ledger.completions.length;
    await until("tasks are being done", () => ledger.completions.length > known);
    await Promise.all(
      team.map(async (agent, i) => {
        if (random() < 0.3) return;
        await Bun.sleep(random() * 2 * workMs);
        running[i]?.kill("SIGKILL");
        await running[i]?.exited;
        running[i] = start(agent, ledger);
      }),
    );
  }
  await until("all tasks have ended", async () => {
    const { items } = await api.tasks.list.query({ label: "killed", status: ["pending", "in_progress"], limit: 1 });
    return items.length === 0;
  });
  await stopAll(running);

  const { violations, byStatus, runs } = await selfCheck(api, ledger);
  expect(violations).toEqual([]);
  expect(byStatus).toEqual({ completed: ledger.tasks.size });
  // Otherwise nobody was killed at work.
  expect(runs).toBeGreaterThan(ledger.tasks.size);
}, 60_000);

interface Hired {
  id: string;
  name: string;
  token: string;
  /** Reports whatever has become of its lease. */
  isStubborn: boolean;
}

function hire(capability: string, count: number): Promise<Hired[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const name = `${capability}-${i}`;
      // Room for the runs that a killed one has left.
      const made = await api.agents.create.mutate({ name, capabilities: [capability], maxConcurrent: 5 });
      return { id: made.agent.id, name, token: made.token, isStubborn: false };
    }),
  );
}

function start(agent: Hired, ledger: Ledger): AgentProcess {
  const process = startAgentProcess({ ...agent, url: factory.at(0).url }, ledger);
  processes.push(process);
  return process;
}

async function stopAll(running: AgentProcess[]): Promise<void> {
  for (const { kill } of running) kill("SIGTERM");
  expect(await Promise.all(running.map(({ exited }) => exited))).toEqual(running.map(() => 0));
}

/** Tasks of which every other one waits for the one before it. */
async function createTasks(ledger: Ledger, capability: string, count: number): Promise<void> {
  const tasks = Array.from({ length: count }, (_, i) => ({
    key: String(i),
    name: `${capability} ${i}`,
    labels: [capability],
    requiredCapabilities: [capability],
    input: { ms: workMs * (0.5 + random()) },
    maxAttempts: 20,
    dependsOn: i % 2 === 1 ? [String(i - 1)] : [],
  }));
  const made = await api.workflows.create.mutate({ name: capability, tasks });
  const ids = made.tasks.map(({ id }) => id);
  for (const [i, id] of ids.entries()) ledger.created(id, `${capability} ${i}`, i % 2 === 1 ? ids.slice(i - 1, i) : []);
}

/** Freezes it in the middle of a task, at a moment of its own, until the run is lost. It may have finished just before: then again. */
async function stopBeyondLease(process: AgentProcess, agentId = ""): Promise<{ runId: string; taskId: string }> {
  for (;;) {
    const run = await until("it has a task in hand", async () => (await runsOf(agentId)).find((one) => !one.outcome));
    await Bun.sleep((random() * workMs) / 4);
    process.kill("SIGSTOP");
    const ended = await until("the run has ended", async () =>
      (await runsOf(agentId)).find(({ id, outcome }) => id === run.id && outcome),
    );
    if (ended.outcome === "lost") return { runId: run.id, taskId: run.taskId };
    process.kill("SIGCONT");
  }
}

const runsOf = (agentId: string) =>
  db.query<{ id: string; taskId: string; outcome: string | null }>(
    `select id, task_id as "taskId", outcome from task_runs where agent_id = $1`,
    [agentId],
  );

async function artifactsOf(taskId: string, runId: string) {
  const runs = await api.runs.byTask.query({ taskId });
  const artifacts = runs.find(({ id }) => id === runId)?.artifacts ?? [];
  return artifacts.length > 0 && artifacts;
}

const completionsBy = (name: string, ledger: Ledger) => ledger.completions.filter(({ agent }) => agent === name).length;
