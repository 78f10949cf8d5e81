import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Connection } from "../../../db/client.ts";
import { testOnPostgres } from "../../../tests/support/only.ts";
import { reapRuns } from "../../workers/reaper.ts";
import { heartbeat } from "../agents/heartbeat.ts";
import type { AgentCtx } from "../context.ts";
import { createSuggestion } from "../suggestions/create.ts";
import { withdrawSuggestion } from "../suggestions/withdraw.ts";
import { claimTasks } from "../tasks/claim.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { pauseWorkflow, resumeWorkflow } from "../workflows/pause.ts";
import { addArtifact, artifactInput } from "./artifact.ts";
import { completeRun } from "./complete.ts";
import { failRun, releaseRun } from "./give-up.ts";
import { appendLog, runLogs } from "./log.ts";
import { reportProgress } from "./progress.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

const claimOne = async (agent: AgentCtx, workflowId: string) => {
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId });
  if (!claim) throw new Error("There was nothing to claim");
  return { ...claim, lease: { runId: claim.run.id, leaseToken: claim.run.leaseToken } };
};
const taskOf = async (id: string) => {
  const [row] = await host.db.query<{
    status: string;
    attempt: number;
    result: unknown;
    failure_reason: string | null;
    current_run_id: string;
    progress: number;
  }>("select * from tasks where id = $1", [id]);
  if (!row) throw new Error("no such task");
  return row;
};
const auditOf = (db: Connection, taskId: string) =>
  db.query<{ action: string; actor_name: string; changes: Record<string, unknown> }>(
    "select action, actor_name, changes from audit_logs where task_id = $1 order by seq",
    [taskId],
  );
const filesOf = async (taskId: string) => {
  const rows = await host.db.query<{ name: string }>("select name from artifacts where task_id = $1 order by id", [
    taskId,
  ]);
  return rows.map(({ name }) => name);
};
const artifactRowsOf = async (taskId: string) =>
  (await auditOf(host.db, taskId)).map(({ action }) => action).filter((action) => /artifact|late/.test(action));
const expireLease = (runId: string) =>
  host.db.query("update task_runs set lease_expires_at = now() - interval '1 second' where id = $1", [runId]);
const reasonOf = async (work: Promise<unknown>) => {
  try {
    await work;
    return "accepted";
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
};

test("completing a task stores its result, its audit row and its event, and frees the agent", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const claim = await claimOne(agent, workflow.id);
  const done = await completeRun(agent, {
    ...claim.lease,
    result: { lines: 3 },
    summary: "Three lines",
    claimNext: false,
  });

  expect(done.status).toBe("completed");
  expect(await taskOf(task.id)).toMatchObject({ status: "completed", result: { lines: 3 }, progress: 100 });
  expect((await auditOf(host.db, task.id)).map((row) => [row.action, row.actor_name])).toEqual([
    ["claimed", agent.actor.name],
    ["completed", agent.actor.name],
  ]);
  const last = host.announced.filter((event) => event.taskId === task.id).at(-1);
  expect(last?.type).toBe("task_update");
  expect(JSON.parse(last?.json ?? "")).toMatchObject({ status: "completed" });
});

test("completing twice answers the same both times and records one effect", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const claim = await claimOne(agent, workflow.id);
  const input = { ...claim.lease, result: 1, claimNext: false };
  const answers = await Promise.all([completeRun(agent, input), completeRun(agent, input), completeRun(agent, input)]);
  answers.push(await completeRun(agent, input));

  for (const answer of answers)
    expect(answer).toEqual({ taskId: task.id, runId: claim.run.id, status: "completed", next: [] });
  expect((await auditOf(host.db, task.id)).filter((row) => row.action === "completed")).toHaveLength(1);
});

test("a forged completion that shares a batch with the honest one does it no harm", async () => {
  const agent = await host.agent(undefined, [], 2);
  const workflow = await addWorkflow(host.db);
  const tasks = [await addTask(host.db, workflow.id), await addTask(host.db, workflow.id)];
  const [first, second] = [await claimOne(agent, workflow.id), await claimOne(agent, workflow.id)];
  const honest = { ...second.lease, result: "honest", claimNext: false };
  const [, done, forged] = await Promise.allSettled([
    // While this one is under way, the other two gather.
    completeRun(agent, { ...first.lease, claimNext: false }),
    completeRun(agent, honest),
    completeRun(agent, { ...honest, leaseToken: crypto.randomUUID(), result: "forged" }),
  ]);
  expect(done).toMatchObject({ status: "fulfilled" });
  expect(forged).toMatchObject({ status: "rejected", reason: { reason: "other_holder" } });
  expect(await taskOf(tasks[1]?.id ?? "")).toMatchObject({ status: "completed", result: "honest" });
});

test("a lost lease refuses every write, and keeps the late result as an artifact of the lost run", async () => {
  const [late, next] = [await host.agent("late-one"), await host.agent("next-one")];
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const lost = await claimOne(late, workflow.id);
  await expireLease(lost.run.id);
  await reapRuns(host);
  await host.db.query("update tasks set queue_after = null where id = $1", [task.id]);
  const current = await claimOne(next, workflow.id);

  expect(await reasonOf(reportProgress(late, { ...lost.lease, percent: 50 }))).toBe("lease_expired");
  expect(await reasonOf(appendLog(late, { ...lost.lease, entries: [{ level: "info", text: "hello" }] }))).toBe(
    "lease_expired",
  );
  expect(await reasonOf(failRun(late, { ...lost.lease, error: "no", retryable: true }))).toBe("lease_expired");
  expect(await reasonOf(releaseRun(late, lost.lease))).toBe("lease_expired");
  expect(await reasonOf(completeRun(late, { ...lost.lease, result: "stale", claimNext: false }))).toBe("lease_expired");
  const beat = await heartbeat(late, { runs: [lost.lease], ack: [] });
  expect(beat.leases).toEqual([{ runId: lost.run.id, ok: false, reason: "lease_expired" }]);
  expect(beat.commands).toMatchObject([{ kind: "cancel", runId: lost.run.id }]);
  expect(
    await addArtifact(late, { ...lost.lease, name: "x.txt", mime: "text/plain", content: "x", encoding: "utf8" }),
  ).toMatchObject({ late: true });

  expect(await taskOf(task.id)).toMatchObject({
    status: "in_progress",
    current_run_id: current.run.id,
    attempt: 2,
    result: null,
  });
  const kept = await host.db.query<{ name: string; run_id: string }>(
    "select name, run_id from artifacts where task_id = $1 and late order by id",
    [task.id],
  );
  expect(kept.map((row) => row.name)).toContain("late-result.json");
  expect(kept.every((row) => row.run_id === lost.run.id)).toBe(true);
});

test("another agent's token and a made-up token are refused as another holder's", async () => {
  const [owner, thief] = [await host.agent(), await host.agent()];
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const claim = await claimOne(owner, workflow.id);
  expect(await reasonOf(completeRun(thief, { ...claim.lease, claimNext: false }))).toBe("other_holder");
  const forged = { runId: claim.run.id, leaseToken: crypto.randomUUID() };
  expect(await reasonOf(completeRun(owner, { ...forged, claimNext: false }))).toBe("other_holder");
  expect(await reasonOf(completeRun(owner, { ...claim.lease, claimNext: false }))).toBe("accepted");
});

test("an expired lease that nobody has taken back yet still completes", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const claim = await claimOne(agent, workflow.id);
  await expireLease(claim.run.id);
  expect(await reasonOf(completeRun(agent, { ...claim.lease, claimNext: false }))).toBe("accepted");
});

test("a failed attempt goes back with a back-off and fails for good when the attempts are used up", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { maxAttempts: 2 });
  const first = await failRun(agent, {
    ...(await claimOne(agent, workflow.id)).lease,
    error: "disk full",
    retryable: true,
  });
  expect(first.status).toBe("pending");
  expect(first.queueAfter).toBeInstanceOf(Date);
  expect(await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id })).toEqual([]);

  await host.db.query("update tasks set queue_after = null where id = $1", [task.id]);
  const second = await failRun(agent, {
    ...(await claimOne(agent, workflow.id)).lease,
    error: "disk full",
    retryable: true,
  });
  expect(second).toMatchObject({ status: "failed", queueAfter: null });
  expect(await taskOf(task.id)).toMatchObject({ status: "failed", failure_reason: "disk full", attempt: 2 });
});

test("a failure that is not worth retrying fails at once", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id, { maxAttempts: 5 });
  const { lease } = await claimOne(agent, workflow.id);
  expect(await failRun(agent, { ...lease, error: "no such file", retryable: false })).toMatchObject({
    status: "failed",
  });
});

test("a failure told twice is answered as it was the first time, whatever has become of the task since", async () => {
  const [agent, next] = [await host.agent(), await host.agent()];
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { maxAttempts: 2 });
  const failed = { ...(await claimOne(agent, workflow.id)).lease, error: "disk full", retryable: true };
  const first = await failRun(agent, failed);
  expect(first).toMatchObject({ status: "pending" });
  expect(await failRun(agent, failed)).toEqual(first);

  await host.db.query("update tasks set queue_after = null where id = $1", [task.id]);
  const released = (await claimOne(next, workflow.id)).lease;
  expect(await failRun(agent, failed)).toEqual(first);
  const handedBack = await releaseRun(next, released);
  await completeRun(next, { ...(await claimOne(next, workflow.id)).lease, claimNext: false });
  expect(await failRun(agent, failed)).toEqual(first);
  expect(await releaseRun(next, released)).toEqual(handedBack);
  expect((await auditOf(host.db, task.id)).filter((row) => row.action === "failed")).toHaveLength(1);
});

test("a released task is pending at once and the attempt does not count", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  await releaseRun(agent, (await claimOne(agent, workflow.id)).lease);
  expect(await taskOf(task.id)).toMatchObject({ status: "pending", attempt: 0 });
  expect((await claimOne(agent, workflow.id)).task.attempt).toBe(1);
});

testOnPostgres("a completion does not wait for whoever holds the row of its workflow", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  await addTask(host.db, workflow.id, { name: "next", dependsOn: [task.id] });
  const { lease } = await claimOne(agent, workflow.id);
  await host.db.transaction(async (tx) => {
    await tx.query("select 1 from workflows where id = $1 for no key update", [workflow.id]);
    const { status, next } = await completeRun(agent, { ...lease, claimNext: true });
    expect({ status, next: next.map((claim) => claim.task.name) }).toEqual({ status: "completed", next: ["next"] });
    const [row] = await tx.query("select task_counts from workflows where id = $1", [workflow.id]);
    expect(row).toMatchObject({ task_counts: { completed: 0 } });
  });
  await host.background.drain();
  const [row] = await host.db.query("select task_counts from workflows where id = $1", [workflow.id]);
  expect(row).toMatchObject({ task_counts: { completed: 1, in_progress: 1 } });
});

test("the time limit does not count while a person is asked", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { timeoutSeconds: 1 });
  const { run } = await claimOne(agent, workflow.id);
  const { id } = await createSuggestion(agent, { taskId: task.id, action: "Ask" });
  const passTheLimit = () =>
    host.db.query("update task_runs set deadline_at = now() - interval '1 second' where id = $1", [run.id]);
  await passTheLimit();
  await reapRuns(host);
  expect((await taskOf(task.id)).status).toBe("in_progress");
  await withdrawSuggestion(agent, { id });
  await passTheLimit();
  await reapRuns(host);
  expect(await taskOf(task.id)).toMatchObject({ status: "pending", failure_reason: "Timed out after 1 s" });
});

test("a heartbeat extends the lease by the database's clock and the reaper leaves it alone", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { run, lease } = await claimOne(agent, workflow.id);
  await expireLease(run.id);
  const { serverTime, leases } = await heartbeat(agent, { runs: [lease], ack: [] });
  expect(leases[0]?.ok).toBe(true);
  expect(Number(leases[0]?.expiresAt) - serverTime.getTime()).toBeGreaterThan(50_000);
  await reapRuns(host);
  expect((await taskOf(task.id)).status).toBe("in_progress");
});

test("progress never goes back within a run", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease } = await claimOne(agent, workflow.id);
  expect(await reportProgress(agent, { ...lease, percent: 40, note: "half way" })).toEqual({ percent: 40 });
  expect(await reportProgress(agent, { ...lease, percent: 10 })).toEqual({ percent: 40 });
});

test("log lines keep their order over several calls and pages", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease, run } = await claimOne(agent, workflow.id);
  await appendLog(agent, {
    ...lease,
    entries: [
      { level: "info", text: "one" },
      { level: "warn", text: "two" },
    ],
  });
  await appendLog(agent, { ...lease, entries: [{ level: "error", text: "three" }] });
  const first = await runLogs(agent, { runId: run.id, limit: 2 });
  const second = await runLogs(agent, { runId: run.id, limit: 2, cursor: first.nextCursor });
  expect([...first.items, ...second.items].map((line) => line.text)).toEqual(["one", "two", "three"]);
});

test("log lines that are handed in again, whole, in part or at once, are there once", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease, run } = await claimOne(agent, workflow.id);
  const lines = (...texts: string[]) => texts.map((text) => ({ level: "info" as const, text }));
  const first = { ...lease, offset: 0, entries: lines("one", "two") };
  expect(await Promise.all([appendLog(agent, first), appendLog(agent, first)])).toEqual([{ kept: 2 }, { kept: 2 }]);
  expect(await appendLog(agent, first)).toEqual({ kept: 2 });
  expect(await appendLog(agent, { ...lease, offset: 1, entries: lines("two", "three") })).toEqual({ kept: 2 });
  // Two lines alike are two lines: only the place tells a repeat.
  await appendLog(agent, { ...lease, offset: 3, entries: lines("three") });
  const { items } = await runLogs(agent, { runId: run.id, limit: 50 });
  expect(items.map((line) => line.text)).toEqual(["one", "two", "three", "three"]);
  const logged = host.announced.filter((event) => event.type === "run_log" && event.entityId === run.id);
  expect(logged).toHaveLength(3);
});

test("log lines beyond the end of the log are refused, with its length", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease } = await claimOne(agent, workflow.id);
  const entries = [{ level: "info" as const, text: "one" }];
  await appendLog(agent, { ...lease, offset: 0, entries });
  await expect(appendLog(agent, { ...lease, offset: 5, entries })).rejects.toThrow("has 1 lines");
});

test("a full log takes what comes after its end, and keeps none of it", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease, run } = await claimOne(agent, workflow.id);
  await host.db.query("update task_runs set log_count = 9999 where id = $1", [run.id]);
  const entries = ["the last", "too much", "even more"].map((text) => ({ level: "info" as const, text }));
  expect(await appendLog(agent, { ...lease, offset: 9_999, entries })).toEqual({ kept: 1 });
  expect(await appendLog(agent, { ...lease, offset: 9_999, entries })).toEqual({ kept: 1 });
  expect(await appendLog(agent, { ...lease, offset: 10_002, entries })).toEqual({ kept: 0 });
  const { items } = await runLogs(agent, { runId: run.id, limit: 50 });
  expect(items.map((line) => line.text)).toEqual(["The log is full at 10000 lines; what follows was left out."]);
});

test("a file that is handed in again with its key is kept once, with one audit row, and answered as at first", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { lease } = await claimOne(agent, workflow.id);
  const file = { ...lease, name: "x.txt", mime: "text/plain", content: "x", encoding: "utf8" as const };
  const keyed = { ...file, idempotencyKey: crypto.randomUUID() };
  const answers = await Promise.all([addArtifact(agent, keyed), addArtifact(agent, keyed)]);
  await completeRun(agent, { ...lease, claimNext: false });
  answers.push(await addArtifact(agent, keyed));
  expect(new Set(answers.map(({ id, late }) => `${id} ${late}`)).size).toBe(1);
  expect(await filesOf(task.id)).toEqual(["x.txt"]);
  expect(await artifactRowsOf(task.id)).toEqual(["artifact_added"]);
  expect(await reasonOf(addArtifact(agent, { ...keyed, content: "y" }))).toBe("idempotency_mismatch");
});

test("an artifact is measured in bytes, not in characters", () => {
  const file = { runId: crypto.randomUUID(), leaseToken: crypto.randomUUID(), name: "x", mime: "text/plain" };
  expect(artifactInput.safeParse({ ...file, content: "x".repeat(4_000_000) }).success).toBe(true);
  const { error } = artifactInput.safeParse({ ...file, content: "é".repeat(2_000_001) });
  expect(error?.issues.map(({ message }) => message)).toEqual([
    "Keep an artifact to 4 million bytes, or hand in a URL.",
  ]);
});

test("what comes late is kept once, however often and at once it is told", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { lease, run } = await claimOne(agent, workflow.id);
  await expireLease(run.id);
  await reapRuns(host);
  const late = { ...lease, result: "late", claimNext: false };
  const failure = { ...lease, error: "It broke", retryable: true };
  const told = [completeRun(agent, late), completeRun(agent, late), failRun(agent, failure), failRun(agent, failure)];
  expect(await Promise.all(told.map(reasonOf))).toEqual(Array(4).fill("lease_expired"));
  expect(await reasonOf(completeRun(agent, late))).toBe("lease_expired");
  expect(await reasonOf(failRun(agent, failure))).toBe("lease_expired");
  expect(await filesOf(task.id)).toEqual(["late-result.json", "late-result.json"]);
  expect(await artifactRowsOf(task.id)).toEqual(["late_output_kept", "late_output_kept"]);
});

test("a task that comes back from its run while its workflow is paused waits for the workflow", async () => {
  const [agent, person] = [await host.agent(), await host.person()];
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { lease } = await claimOne(agent, workflow.id);
  await pauseWorkflow(person, { id: workflow.id });
  await releaseRun(agent, lease);
  expect(await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id })).toEqual([]);
  await resumeWorkflow(person, { id: workflow.id });
  expect((await claimOne(agent, workflow.id)).run.attempt).toBe(1);
});

test("a claim shows in its workflow's counts", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  await claimOne(agent, workflow.id);
  await host.background.drain();
  const [row] = await host.db.query("select task_counts from workflows where id = $1", [workflow.id]);
  expect(row).toMatchObject({ task_counts: { pending: 0, in_progress: 1 } });
});
