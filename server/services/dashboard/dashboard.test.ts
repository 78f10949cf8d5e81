import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSuggestion } from "../suggestions/create.ts";
import { claimTasks } from "../tasks/claim.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { rollUp } from "../workflows/roll-up.ts";
import { readSeries } from "./series.ts";
import { summarise } from "./summary.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

test("an empty factory has nothing but zeros, and no rate at all", async () => {
  const summary = await summarise(await host.person());
  expect(summary).toMatchObject({
    needsYou: {
      decisions: { count: 0, oldestAt: null },
      failedTasks: 0,
      cannotStart: 0,
      overdue: 0,
      offlineAgents: [],
    },
    tasks: { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 },
    last24h: { completed: 0, failed: 0, failureRate: null },
    queue: { depth: 0, oldestAt: null },
    recent: [],
  });
});

test("the summary counts what needs a person, what flows and what waits", async () => {
  const workflow = await addWorkflow(host.db);
  const cancelled = await addWorkflow(host.db, { status: "cancelled" });
  const agent = await host.agent("Worker", ["work"]);
  const held = await addTask(host.db, workflow.id, { requiredCapabilities: ["work"] });
  await claimTasks(agent, { max: 1, waitMs: 0 });
  await createSuggestion(agent, { taskId: held.id, action: "Ask" });
  const waiting = await addTask(host.db, workflow.id, { requiredCapabilities: ["work"] });
  await addTask(host.db, workflow.id, { requiredCapabilities: ["unknown"], dueDate: "2020-01-01" });
  await addTask(host.db, workflow.id, { queueAfter: hoursAgo(-1) });
  await addTask(host.db, workflow.id, { deletedAt: new Date(), status: "failed" });
  await addTask(host.db, workflow.id, { status: "completed", completedAt: hoursAgo(1), dueDate: "2020-01-01" });
  await addTask(host.db, workflow.id, { status: "completed", completedAt: hoursAgo(2) });
  await addTask(host.db, workflow.id, { status: "completed", completedAt: hoursAgo(30) });
  await addTask(host.db, workflow.id, { status: "failed", completedAt: hoursAgo(3) });
  await addTask(host.db, cancelled.id, { status: "failed", completedAt: hoursAgo(60) });

  for (const { id } of [workflow, cancelled]) await rollUp(host, id);

  const summary = await summarise(agent);
  expect(summary).toMatchObject({
    needsYou: { decisions: { count: 1 }, failedTasks: 1, cannotStart: 1, overdue: 1, offlineAgents: [] },
    workflows: { running: 1, cancelled: 1, completed: 0 },
    tasks: { pending: 3, in_progress: 1, completed: 3, failed: 2, cancelled: 0 },
    agents: { byStatus: { online: 0, busy: 1, offline: 0 }, byDesiredState: { active: 1, paused: 0, draining: 0 } },
    last24h: { completed: 2, failed: 1, failureRate: 1 / 3 },
    previous24h: { completed: 1, failed: 0, failureRate: 0 },
    queue: { depth: 2, oldestAt: waiting.createdAt },
  });
  expect(summary.recent[0]).toMatchObject({ entityType: "suggestion", action: "created" });

  await host.db.query("update agents set last_seen = now() - interval '1 hour' where id = $1", [agent.actor.id]);
  const later = await summarise(agent);
  expect(later.needsYou.offlineAgents).toMatchObject([{ name: "Worker", liveRuns: 1 }]);
  expect(later.needsYou.cannotStart).toBe(2);
});

test("a series has every bucket of its window, and what happened in each", async () => {
  const person = await host.person();
  for (const [window, buckets, hours] of [
    ["1h", 12, 1],
    ["24h", 24, 24],
    ["7d", 28, 168],
  ] as const) {
    const series = await readSeries(person, { window });
    expect(series.buckets).toHaveLength(buckets);
    const [first, last] = [series.buckets[0], series.buckets.at(-1)];
    const span = ((last?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)) / 3_600_000;
    expect(span).toBeCloseTo(hours - hours / buckets, 6);
    expect(last?.at.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
  }
  const total = async (window: "1h" | "24h" | "7d", key: "created" | "completed" | "failed") =>
    (await readSeries(person, { window })).buckets.reduce((sum, bucket) => sum + bucket[key], 0);
  expect(await total("7d", "completed")).toBe(3);
  expect(await total("24h", "failed")).toBe(1);
  expect(await total("1h", "created")).toBe(10);
});

test("the medians speak of first claims and of work without waiting", async () => {
  const person = await host.person();
  const workflow = await addWorkflow(host.db);
  const before = await addTask(host.db, workflow.id, { status: "completed", completedAt: hoursAgo(0.25) });
  const task = await addTask(host.db, workflow.id, { createdAt: hoursAgo(5), dependsOn: [before.id] });
  await host.db.query("delete from task_runs");
  await host.db.query(
    `insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at, claimed_at, ended_at, waited_seconds, outcome)
     select gen_random_uuid(), $1, id, 1, gen_random_uuid(), now(), $2::timestamptz + interval '30 seconds',
       $2::timestamptz + interval '130 seconds', 40, 'succeeded' from agents limit 1`,
    [task.id, before.completedAt],
  );
  const { buckets } = await readSeries(person, { window: "24h" });
  const seen = (key: "medianQueueSeconds" | "medianRunSeconds") =>
    buckets.map((bucket) => bucket[key]).filter((value) => value !== null);
  expect(seen("medianQueueSeconds").map(Math.round)).toEqual([30]);
  expect(seen("medianRunSeconds").map(Math.round)).toEqual([60]);
});
