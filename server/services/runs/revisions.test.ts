import { afterAll, beforeAll, expect, test } from "bun:test";
import { heartbeat } from "../agents/heartbeat.ts";
import type { AgentCtx, PersonCtx } from "../context.ts";
import { cancelTask } from "../tasks/cancel.ts";
import { claimOne } from "../tasks/samples.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { addArtifact } from "./artifact.ts";
import { completeRun } from "./complete.ts";
import { appendLog } from "./log.ts";

let host: TestHost;
let person: PersonCtx;
beforeAll(async () => {
  host = await testHost();
  person = await host.person();
});
afterAll(() => host.close());

async function working() {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { run } = await claimOne(agent, workflow.id);
  return { agent, task, lease: { runId: run.id, leaseToken: run.leaseToken } };
}

type Lease = Awaited<ReturnType<typeof working>>["lease"];

const handIn = (agent: AgentCtx, lease: Lease, name: string) =>
  addArtifact(agent, { ...lease, name, mime: "text/plain", content: name, encoding: "utf8" });
const say = (agent: AgentCtx, lease: Lease, ...lines: string[]) =>
  appendLog(agent, { ...lease, entries: lines.map((text) => ({ level: "info" as const, text })) });
const eventsOf = (runId: string) => host.announced.filter(({ entityId }) => entityId === runId);

/** What a client keeps that does as it is told: it ignores an event whose revision it has already. */
function keptBy(runId: string) {
  let last = 0;
  return eventsOf(runId).filter(({ revision }) => {
    const isNews = revision > last;
    last = Math.max(last, revision);
    return isNews;
  });
}

test("a client that ignores revisions it has already keeps every word about a run", async () => {
  const { agent, task, lease } = await working();
  await say(agent, lease, "one", "two", "three");
  await handIn(agent, lease, "first.txt");
  await say(agent, lease, "four");
  await handIn(agent, lease, "second.txt");
  await cancelTask(person, { id: task.id });
  await heartbeat(agent, { runs: [lease], ack: [] });
  await host.background.drain();
  await handIn(agent, lease, "late.txt");
  await completeRun(agent, { ...lease, result: "late", claimNext: false }).catch(() => {});

  const events = eventsOf(lease.runId);
  expect(events.map(({ type }) => type)).toEqual([
    "run_log",
    "run_update",
    "run_log",
    "run_update",
    "run_update",
    "run_update",
    "run_update",
  ]);
  expect(keptBy(lease.runId)).toEqual(events);
  const [row] = await host.db.query<{ revision: number }>("select revision from task_runs where id = $1", [
    lease.runId,
  ]);
  expect(row?.revision).toBe(events.at(-1)?.revision ?? 0);
});

test("artifacts that are handed in at the same moment have a revision each", async () => {
  const { agent, lease } = await working();
  await Promise.all(Array.from({ length: 6 }, (_, i) => handIn(agent, lease, `${i}.txt`)));
  const revisions = eventsOf(lease.runId).map(({ revision }) => revision);
  expect(new Set(revisions).size).toBe(6);
});

test("a renewed lease is no change of the run", async () => {
  const { agent, lease } = await working();
  const row = async () =>
    (
      await host.db.query<{ revision: number; leaseExpiresAt: Date }>(
        `select revision, lease_expires_at as "leaseExpiresAt" from task_runs where id = $1`,
        [lease.runId],
      )
    )[0];
  // With so little left it is renewed before the answer.
  await host.db.query("update task_runs set lease_expires_at = now() + interval '5 seconds' where id = $1", [
    lease.runId,
  ]);
  const before = await row();
  await heartbeat(agent, { runs: [lease], ack: [] });
  const after = await row();
  expect(after?.leaseExpiresAt.getTime()).toBeGreaterThan(before?.leaseExpiresAt.getTime() ?? 0);
  expect(after?.revision).toBe(before?.revision ?? 0);
});
