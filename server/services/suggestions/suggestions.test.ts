import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { auditLogs, type SuggestionEffect, suggestions, taskRuns, tasks } from "../../../db/schema/index.ts";
import { reapRuns } from "../../workers/reaper.ts";
import { heartbeat } from "../agents/heartbeat.ts";
import type { AgentCtx } from "../context.ts";
import { completeRun } from "../runs/complete.ts";
import { reportProgress } from "../runs/progress.ts";
import { type Claim, claimTasks } from "../tasks/claim.ts";
import { retryTask } from "../tasks/retry.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { readSuggestion } from "./by-id.ts";
import { createSuggestion, createSuggestionInput } from "./create.ts";
import { approveSuggestion, rejectSuggestion, requestChanges } from "./decide.ts";
import { expireSuggestions } from "./expire.ts";
import { listSuggestions } from "./list.ts";
import { countPendingSuggestions } from "./pending-count.ts";
import { waitForDecision } from "./wait.ts";
import { withdrawSuggestion } from "./withdraw.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

/** An agent that works on a task of its own. */
async function working(values: Parameters<typeof addTask>[2] = {}) {
  const skill = `skill-${crypto.randomUUID().slice(0, 8)}`;
  const agent = await host.agent(undefined, [skill]);
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { requiredCapabilities: [skill], ...values });
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id });
  if (!claim) throw new Error("There was a task to claim");
  return { agent, workflow, task, claim };
}

const suggest = (agent: AgentCtx, taskId: string, effect?: SuggestionEffect, more: object = {}) =>
  createSuggestion(agent, createSuggestionInput.parse({ taskId, action: "Do it", effect, ...more }));
const leaseOf = ({ run }: Claim) => ({ runId: run.id, leaseToken: run.leaseToken });
const taskNow = async (id: string) => (await host.db.orm.select().from(tasks).where(eq(tasks.id, id)))[0];
const runNow = async (id: string) => (await host.db.orm.select().from(taskRuns).where(eq(taskRuns.id, id)))[0];
const suggestionNow = async (id: string) =>
  (await host.db.orm.select().from(suggestions).where(eq(suggestions.id, id)))[0];
const auditOf = async (id: string) =>
  (await host.db.orm.select().from(auditLogs).where(eq(auditLogs.entityId, id)).orderBy(auditLogs.seq)).map(
    (row) => `${row.action} by ${row.actorType}`,
  );
const eventsOf = (id: string) => host.announced.filter((event) => event.entityId === id).map((event) => event.type);

test("a suggestion is counted on its task, recorded and announced", async () => {
  const { agent, task, claim } = await working();
  const made = await suggest(agent, task.id, { kind: "set_priority", priority: "high" }, { confidence: 0.72 });
  expect(made).toMatchObject({ status: "pending", confidence: 0.72, runId: claim.run.id });
  expect(await taskNow(task.id)).toMatchObject({ pendingSuggestions: 1, revision: made.taskRevision });
  expect(await auditOf(made.id)).toEqual(["created by agent"]);
  expect(eventsOf(made.id)).toEqual(["suggestion_created"]);
  expect(eventsOf(task.id).at(-1)).toBe("task_update");
});

test("a confidence that is no number from 0 to 1 is refused with a hint", () => {
  const problemOf = (confidence: unknown) =>
    createSuggestionInput.safeParse({ taskId: "T-1", action: "x", confidence }).error?.issues[0]?.message;
  for (const wrong of [85, "85", "0.9", Number.NaN, -0.1, 1.01, null]) expect(problemOf(wrong)).toContain("0.85");
  for (const right of [0, 0.5, 1, undefined]) expect(problemOf(right)).toBeUndefined();
});

test("an effect must be one of those the server can apply", () => {
  const problemOf = (effect: unknown) =>
    createSuggestionInput.safeParse({ taskId: "T-1", action: "x", effect }).error?.issues[0]?.message;
  expect(problemOf({ kind: "drop_tables" })).toContain("set_status, set_priority");
  expect(problemOf({ kind: "set_status", status: "in_progress" })).toContain("claimed");
  expect(problemOf({ kind: "retry", extra: 1 })).toBeDefined();
});

test("the same idempotency key makes one suggestion", async () => {
  const { agent, task } = await working();
  const first = await suggest(agent, task.id, undefined, { idempotencyKey: "once" });
  const again = await suggest(agent, task.id, undefined, { idempotencyKey: "once" });
  expect(again).toEqual(first);
  expect((await taskNow(task.id))?.pendingSuggestions).toBe(1);
});

test("a run that is not the agent's own live run of the task is refused", async () => {
  const mine = await working();
  const other = await working();
  const others = leaseOf(other.claim);
  await expect(suggest(mine.agent, mine.task.id, undefined, others)).rejects.toMatchObject({ reason: "other_holder" });
  await expect(suggest(mine.agent, other.task.id, undefined, others)).rejects.toMatchObject({ reason: "other_holder" });
  await expect(
    suggest(mine.agent, mine.task.id, undefined, { runId: mine.claim.run.id, leaseToken: crypto.randomUUID() }),
  ).rejects.toMatchObject({ reason: "other_holder" });
  await completeRun(mine.agent, { ...leaseOf(mine.claim), claimNext: false });
  await expect(suggest(mine.agent, mine.task.id, undefined, leaseOf(mine.claim))).rejects.toMatchObject({
    reason: "terminal",
  });
});

test("a run is named together with its lease token, or not at all", async () => {
  const { agent, task, claim } = await working();
  await expect(suggest(agent, task.id, undefined, { runId: claim.run.id })).rejects.toMatchObject({
    fieldErrors: { leaseToken: [expect.stringContaining("lease token")] },
  });
  expect(await taskNow(task.id)).toMatchObject({ pendingSuggestions: 0 });
  expect(await suggest(agent, task.id, undefined, leaseOf(claim))).toMatchObject({ runId: claim.run.id });
  expect(await suggest(agent, task.id)).toMatchObject({ runId: claim.run.id });
});

test("a time to expire that is over already is refused", async () => {
  const { agent, task } = await working();
  await expect(suggest(agent, task.id, undefined, { expiresAt: "2020-01-01T00:00:00Z" })).rejects.toThrow("lies ahead");
});

test("approving applies the effect in the same transaction", async () => {
  const { agent, task } = await working();
  const person = await host.person();
  const made = await suggest(agent, task.id, { kind: "set_priority", priority: "high" });
  const decided = await approveSuggestion(person, { id: made.id, note: "Go on" });
  expect(decided).toMatchObject({ status: "approved", decidedByName: "Test operator", decisionNote: "Go on" });
  expect(decided.appliedAt).toBeInstanceOf(Date);
  expect(await taskNow(task.id)).toMatchObject({ priority: "high", queueRank: 0, pendingSuggestions: 0 });
  expect(await auditOf(made.id)).toEqual(["created by agent", "approved by person"]);
  expect(eventsOf(made.id)).toEqual(["suggestion_created", "suggestion_approved"]);
  expect(await auditOf(task.id)).toContain("updated by person");
});

test("an edited effect is applied instead of the suggested one", async () => {
  const { agent, task } = await working();
  const made = await suggest(agent, task.id, { kind: "set_priority", priority: "high" });
  const edited = { kind: "set_priority", priority: "low" } as const;
  const decided = await approveSuggestion(await host.person(), { id: made.id, effect: edited });
  expect(decided).toMatchObject({ effect: made.effect, effectEdited: edited });
  expect((await taskNow(task.id))?.priority).toBe("low");
});

test("completing the task by approval ends the run that asked for it", async () => {
  const { agent, task, claim } = await working();
  const made = await suggest(agent, task.id, { kind: "set_status", status: "completed" });
  const second = await suggest(agent, task.id);
  await approveSuggestion(await host.person(), { id: made.id });
  expect(await taskNow(task.id)).toMatchObject({ status: "completed", pendingSuggestions: 0 });
  expect((await runNow(claim.run.id))?.outcome).toBe("cancelled");
  expect(await suggestionNow(made.id)).toMatchObject({ status: "approved" });
  expect(await suggestionNow(second.id)).toMatchObject({ status: "superseded" });
});

test("adding a task, assigning and retrying are applied as well", async () => {
  const { agent, workflow, task, claim } = await working();
  const person = await host.person();
  const add = await suggest(agent, task.id, { kind: "add_task", name: "Follow up", priority: "low" });
  await approveSuggestion(person, { id: add.id });
  const rows = await host.db.orm.select().from(tasks).where(eq(tasks.workflowId, workflow.id));
  expect(rows.find((row) => row.name === "Follow up")).toMatchObject({
    priority: "low",
    createdByName: "Test operator",
  });

  const assign = await suggest(agent, task.id, { kind: "assign", agentId: agent.actor.id });
  await approveSuggestion(person, { id: assign.id });
  expect((await taskNow(task.id))?.assignedAgentId).toBe(agent.actor.id);

  const stop = await suggest(agent, task.id, { kind: "set_status", status: "failed" });
  await approveSuggestion(person, { id: stop.id });
  expect((await runNow(claim.run.id))?.endedAt).not.toBeNull();
  const retry = await suggest(agent, task.id, { kind: "retry" });
  await approveSuggestion(person, { id: retry.id });
  expect(await taskNow(task.id)).toMatchObject({ status: "pending", attempt: 0 });
});

test("an effect that cannot be applied refuses the approval and changes nothing", async () => {
  const { agent, task } = await working();
  const made = await suggest(agent, task.id, { kind: "retry" });
  const before = await taskNow(task.id);
  await expect(approveSuggestion(await host.person(), { id: made.id })).rejects.toMatchObject({
    reason: "invalid_transition",
    message: expect.stringContaining("Not approved"),
  });
  expect(await suggestionNow(made.id)).toMatchObject({ status: "pending", appliedAt: null });
  expect(await taskNow(task.id)).toEqual(before);
  expect(await auditOf(made.id)).toEqual(["created by agent"]);
});

test("of two people who decide at once the first wins, and the second is told who it was", async () => {
  const { agent, task } = await working();
  const made = await suggest(agent, task.id);
  const [operator, admin] = [await host.person("operator"), await host.person("admin")];
  const outcomes = await Promise.allSettled([
    approveSuggestion(operator, { id: made.id }),
    rejectSuggestion(admin, { id: made.id, reason: "No" }),
  ]);
  const winner = outcomes.find((outcome) => outcome.status === "fulfilled");
  const loser = outcomes.find((outcome) => outcome.status === "rejected");
  expect(loser?.reason).toMatchObject({
    reason: "already_decided",
    data: { status: winner?.value.status, decidedBy: winner?.value.decidedByName },
  });
  expect(loser?.reason.message).toContain(`by ${winner?.value.decidedByName} at `);
  expect(await auditOf(made.id)).toHaveLength(2);
});

test("progress alone does not make a decision stale", async () => {
  const { agent, task, claim } = await working();
  const made = await suggest(agent, task.id);
  await reportProgress(agent, { ...leaseOf(claim), percent: 40 });
  const decided = await rejectSuggestion(await host.person(), {
    id: made.id,
    reason: "Never ship this",
    taskRevision: made.taskRevision,
  });
  expect(decided).toMatchObject({ status: "rejected", decisionNote: "Never ship this", appliedAt: null });
  expect(eventsOf(made.id)).toEqual(["suggestion_created", "suggestion_rejected"]);
});

test("a suggestion on a task that has ended or was retried is superseded", async () => {
  const { agent, task, claim } = await working();
  const person = await host.person();
  const made = await suggest(agent, task.id);
  await completeRun(agent, { ...leaseOf(claim), claimNext: false });
  expect(await suggestionNow(made.id)).toMatchObject({ status: "superseded" });
  expect(await taskNow(task.id)).toMatchObject({ status: "completed", pendingSuggestions: 0 });
  await expect(approveSuggestion(person, { id: made.id })).rejects.toMatchObject({ reason: "stale_revision" });

  const failed = await addTask(host.db, task.workflowId, { status: "failed" });
  const retry = await suggest(agent, failed.id, { kind: "retry" });
  await retryTask(person, { id: failed.id });
  expect(await suggestionNow(retry.id)).toMatchObject({ status: "superseded" });
});

test("a decision after the end of the run is refused, and the suggestion set aside", async () => {
  const { agent, task, claim } = await working();
  const made = await suggest(agent, task.id);
  // As it would be if the end had come without superseding: nothing but the decision itself may rely on that.
  await host.db.query("update task_runs set ended_at = now(), outcome = 'lost' where id = $1", [claim.run.id]);
  await expect(
    approveSuggestion(await host.person(), { id: made.id, taskRevision: made.taskRevision }),
  ).rejects.toMatchObject({ reason: "stale_revision" });
  expect(await suggestionNow(made.id)).toMatchObject({ status: "superseded" });
  expect((await taskNow(task.id))?.pendingSuggestions).toBe(0);
});

test("asking for changes carries the note to the agent", async () => {
  const { agent, task, claim } = await working();
  const made = await suggest(agent, task.id);
  await requestChanges(await host.person(), { id: made.id, note: "Name the licence" });
  const { commands } = await heartbeat(agent, { runs: [leaseOf(claim)], ack: [] });
  expect(commands).toMatchObject([{ id: made.id, status: "changes_requested", note: "Name the licence" }]);
  await heartbeat(agent, { runs: [leaseOf(claim)], ack: [made.id] });
  await host.background.drain();
  expect((await suggestionNow(made.id))?.deliveredAt).toBeInstanceOf(Date);
});

test("waiting answers as soon as a person has decided, and to the owner only", async () => {
  const { agent, task } = await working();
  const stranger = await host.agent();
  const made = await suggest(agent, task.id);
  expect((await waitForDecision(agent, { id: made.id, waitMs: 0 })).status).toBe("pending");
  const waiting = waitForDecision(agent, { id: made.id, waitMs: 20_000 });
  await approveSuggestion(await host.person(), { id: made.id, note: "Yes" });
  expect(await waiting).toMatchObject({ status: "approved", decisionNote: "Yes" });
  await host.background.drain();
  expect((await suggestionNow(made.id))?.deliveredAt).toBeInstanceOf(Date);
  await expect(waitForDecision(stranger, { id: made.id, waitMs: 0 })).rejects.toThrow("no such suggestion");
});

test("the agent withdraws its own suggestion once; a decided one stays decided", async () => {
  const { agent, task } = await working();
  const made = await suggest(agent, task.id);
  await expect(withdrawSuggestion(await host.agent(), { id: made.id })).rejects.toThrow("no such suggestion");
  expect((await withdrawSuggestion(agent, { id: made.id })).status).toBe("withdrawn");
  expect((await withdrawSuggestion(agent, { id: made.id })).status).toBe("withdrawn");
  expect(await auditOf(made.id)).toEqual(["created by agent", "withdrawn by agent"]);
  await expect(approveSuggestion(await host.person(), { id: made.id })).rejects.toThrow("withdrew this");
  const decided = await suggest(agent, task.id);
  await rejectSuggestion(await host.person(), { id: decided.id });
  await expect(withdrawSuggestion(agent, { id: decided.id })).rejects.toMatchObject({ reason: "already_decided" });
});

test("a suggestion expires by the database's clock, and can no longer be decided", async () => {
  const { agent, task } = await working();
  const due = await suggest(agent, task.id, undefined, { expiresAt: new Date(Date.now() + 60_000) });
  const late = await suggest(agent, task.id, undefined, { expiresAt: new Date(Date.now() + 60_000) });
  const open = await suggest(agent, task.id, undefined, { expiresAt: new Date(Date.now() + 60_000) });
  const end = (id: string) => host.db.query("update suggestions set expires_at = now() where id = $1", [id]);
  await end(due.id);
  await expireSuggestions(host);
  expect(await suggestionNow(due.id)).toMatchObject({ status: "expired", decidedByType: "system" });
  expect(await auditOf(due.id)).toEqual(["created by agent", "expired by system"]);
  await end(late.id);
  await expect(approveSuggestion(await host.person(), { id: late.id })).rejects.toThrow("in time");
  expect((await suggestionNow(late.id))?.status).toBe("expired");
  expect((await suggestionNow(open.id))?.status).toBe("pending");
  expect((await taskNow(task.id))?.pendingSuggestions).toBe(1);
});

test("the time limit stands still while people are waited for; overlapping waits count once", async () => {
  const { agent, task, claim } = await working({ timeoutSeconds: 600 });
  const before = await runNow(claim.run.id);
  const first = await suggest(agent, task.id);
  const second = await suggest(agent, task.id);
  // The run began 100 s ago, the first question came 60 s ago and the second 30 s ago.
  const back = (table: string, column: string, seconds: number, id: string) =>
    host.db.query(`update ${table} set ${column} = now() - make_interval(secs => ${seconds}) where id = $1`, [id]);
  await back("task_runs", "claimed_at", 100, claim.run.id);
  await back("suggestions", "created_at", 60, first.id);
  await back("suggestions", "created_at", 30, second.id);
  const person = await host.person();
  await rejectSuggestion(person, { id: first.id });
  expect((await runNow(claim.run.id))?.waitedSeconds).toBe(60);
  await rejectSuggestion(person, { id: second.id });
  const after = await runNow(claim.run.id);
  expect(after?.waitedSeconds).toBe(60);
  const moved = (after?.deadlineAt?.getTime() ?? 0) - (before?.deadlineAt?.getTime() ?? 0);
  expect(moved / 1000).toBeGreaterThanOrEqual(60);
  expect(moved / 1000).toBeLessThan(65);
});

test("what others suggest on its task does not stop the time limit of a run, nor count as its wait", async () => {
  const { agent, task, claim } = await working({ timeoutSeconds: 600 });
  const asked = await suggest(agent, task.id);
  const unasked = await suggest(await host.agent(), task.id);
  expect(unasked).toMatchObject({ runId: null });
  await host.db.query("update suggestions set created_at = now() - interval '60 s' where id = $1", [unasked.id]);
  await host.db.query("update task_runs set claimed_at = now() - interval '100 s' where id = $1", [claim.run.id]);
  const person = await host.person();
  await rejectSuggestion(person, { id: unasked.id });
  expect((await runNow(claim.run.id))?.waitedSeconds).toBe(0);

  await suggest(await host.agent(), task.id);
  await host.db.query("update task_runs set deadline_at = now() - interval '1 s' where id = $1", [claim.run.id]);
  await reapRuns(host);
  expect(await taskNow(task.id)).toMatchObject({ status: "in_progress" });
  await withdrawSuggestion(agent, { id: asked.id });
  await host.db.query("update task_runs set deadline_at = now() - interval '1 s' where id = $1", [claim.run.id]);
  await reapRuns(host);
  expect(await taskNow(task.id)).toMatchObject({ status: "pending", failureReason: "Timed out after 600 s" });
});

test("what a run waited for people until it ended is not run time", async () => {
  const { agent, task, claim } = await working();
  const asked = await suggest(agent, task.id);
  await host.db.query("update task_runs set claimed_at = now() - interval '100 s' where id = $1", [claim.run.id]);
  await host.db.query("update suggestions set created_at = now() - interval '60 s' where id = $1", [asked.id]);
  await completeRun(agent, { ...leaseOf(claim), claimNext: false });
  expect((await runNow(claim.run.id))?.waitedSeconds).toBe(60);
  expect((await taskNow(task.id))?.durationSeconds).toBe(40);
  expect((await suggestionNow(asked.id))?.status).toBe("superseded");
});

test("the inbox shows what a decision needs, with the agent's record for the action", async () => {
  const { agent, workflow, task } = await working();
  const person = await host.person();
  const options = { confidence: 0.75, action: "Accept MIT" };
  const yes = await suggest(agent, task.id, undefined, options);
  await approveSuggestion(person, { id: yes.id });
  const no = await suggest(agent, task.id, undefined, options);
  await rejectSuggestion(person, { id: no.id, reason: "Not here" });
  const open = await suggest(agent, task.id, { kind: "assign", agentId: agent.actor.id }, options);
  const { items } = await listSuggestions(person, {
    status: "pending",
    workflowId: workflow.id,
    sort: "newest",
    limit: 50,
  });
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    id: open.id,
    taskNumber: task.number,
    workflowName: workflow.name,
    agentName: agent.actor.name,
    effectAgentName: agent.actor.name,
    taskRevisionNow: (await taskNow(task.id))?.revision,
    record: { decided: 2, approved: 1 },
  });
  const detail = await readSuggestion(person, { id: open.id });
  expect(detail.before.map((one) => one.status)).toEqual(["rejected", "approved"]);
  expect(detail.calibration).toEqual({ from: 0.7, to: 0.8, n: 2, approved: 1 });
  const { count, oldestAt } = await countPendingSuggestions(person);
  expect(count).toBeGreaterThan(0);
  expect(oldestAt).toBeInstanceOf(Date);

  const ids: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listSuggestions(person, { agentId: agent.actor.id, sort: "oldest", limit: 2, cursor });
    ids.push(...page.items.map((one) => one.id));
    cursor = page.nextCursor;
  } while (cursor);
  expect(ids).toEqual([yes.id, no.id, open.id]);
});
