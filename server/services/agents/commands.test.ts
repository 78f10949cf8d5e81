import { afterAll, beforeAll, expect, test } from "bun:test";
import { testOnPostgres } from "../../../tests/support/only.ts";
import { reapRuns } from "../../workers/reaper.ts";
import { updateComment } from "../comments/change.ts";
import { createComment } from "../comments/create.ts";
import { listComments } from "../comments/list.ts";
import type { AgentCtx, PersonCtx } from "../context.ts";
import { runsByTask } from "../runs/by-task.ts";
import { createSuggestion } from "../suggestions/create.ts";
import { approveSuggestion } from "../suggestions/decide.ts";
import { waitForDecision } from "../suggestions/wait.ts";
import { cancelTask } from "../tasks/cancel.ts";
import { claimOne } from "../tasks/samples.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { pauseWorkflow, resumeWorkflow } from "../workflows/pause.ts";
import { heartbeat } from "./heartbeat.ts";
import { drainAgent, pauseAgent, resumeAgent } from "./steer.ts";

let host: TestHost;
let person: PersonCtx;
beforeAll(async () => {
  host = await testHost();
  person = await host.person();
});
afterAll(() => host.close());

/** An agent with a task in its hands. */
async function working() {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { run, context } = await claimOne(agent, workflow.id);
  return { agent, workflow, task, context, run: { runId: run.id, leaseToken: run.leaseToken } };
}

type Held = Pick<Awaited<ReturnType<typeof working>>, "agent" | "run">;

/** What a heartbeat brings, once what it noted is written. */
async function beat({ agent, run }: Held, ack: string[] = []) {
  const { commands } = await heartbeat(agent, { runs: [run], ack });
  await host.background.drain();
  return commands;
}

const say = (taskId: string, text: string, by: PersonCtx | AgentCtx = person) => createComment(by, { taskId, text });
const commentOf = async (taskId: string, id: string) =>
  (await listComments(person, { taskId, limit: 50 })).items.find((comment) => comment.id === id);
const eventsOf = (id: string) =>
  host.announced.filter((event) => event.entityId === id).map(({ type, actorName }) => `${type} by ${actorName}`);
const suggestionOf = async (id: string) =>
  (await host.db.query("select delivered_at, seen_at from suggestions where id = $1", [id]))[0];

test("a comment reaches the agent with its next heartbeat; the page is told that it was delivered, then seen", async () => {
  const held = await working();
  const { id } = await say(held.task.id, "Mind the licence");
  expect(await beat(held)).toMatchObject([{ id, kind: "comment", author: "Test operator", text: "Mind the licence" }]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ deliveredAt: expect.any(Date), seenAt: null });

  expect(await beat(held, [id])).toEqual([]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ deliveredAt: expect.any(Date), seenAt: expect.any(Date) });
  const { name } = held.agent.actor;
  expect(eventsOf(id)).toEqual([
    "comment_added by Test operator",
    `comment_update by ${name}`,
    `comment_update by ${name}`,
  ]);
  const actions = await host.db.query("select action from audit_logs where entity_id = $1", [id]);
  expect(actions).toMatchObject([{ action: "created" }]);
});

test("what was not acknowledged comes again, as after a lost answer, and a heartbeat without news writes nothing", async () => {
  const held = await working();
  const comment = await say(held.task.id, "Again and again");
  const asked = await createSuggestion(held.agent, { taskId: held.task.id, action: "Ask" });
  await approveSuggestion(person, { id: asked.id });
  const first = await beat(held);
  expect(first.map(({ id }) => id).toSorted()).toEqual([comment.id, asked.id].toSorted());

  const written = () =>
    host.db.query(
      `select (select max(seq) from events) as seq, c.xmin::text as comment, s.xmin::text as suggestion, r.xmin::text as run
       from comments c, suggestions s, task_runs r where c.id = $1 and s.id = $2 and r.id = $3`,
      [comment.id, asked.id, held.run.runId],
    );
  const before = await written();
  expect(await beat(held)).toEqual(first);
  expect(await beat(held)).toEqual(first);
  expect(await written()).toEqual(before);
  expect(await beat(held, [comment.id, asked.id])).toEqual([]);
  expect(await beat(held)).toEqual([]);
});

test("only the agent on the task takes a comment in, and its own comments are not for it", async () => {
  const [held, stranger] = [await working(), await working()];
  const { id } = await say(held.task.id, "For one of you");
  const own = await say(held.task.id, "I began", held.agent);
  expect(await beat(stranger)).toEqual([]);
  await beat(held);
  await beat(stranger, [id]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ seenAt: null });
  await beat(held, [id, own.id]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ seenAt: expect.any(Date) });
  expect(await commentOf(held.task.id, own.id)).toMatchObject({ deliveredAt: null, seenAt: null });
});

test("an edit goes out in its new words, and acknowledging the old ones does not count for it", async () => {
  const held = await working();
  const { id } = await say(held.task.id, "Use tabs");
  await beat(held);
  await updateComment(person, { id, text: "Use spaces" });
  expect(await commentOf(held.task.id, id)).toMatchObject({ deliveredAt: null, seenAt: null });
  await beat(held, [id]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ seenAt: null });
  expect(await beat(held)).toMatchObject([{ id, text: "Use spaces" }]);
  expect(await beat(held, [id])).toEqual([]);
});

test("a comment that one agent did not take in comes with the claim of the next one", async () => {
  const held = await working();
  const { id } = await say(held.task.id, "Do not touch the lock file");
  await host.db.query("update task_runs set lease_expires_at = now() - interval '1 second' where id = $1", [
    held.run.runId,
  ]);
  await reapRuns(host);
  await host.db.query("update tasks set queue_after = null where id = $1", [held.task.id]);

  const next = await host.agent("the next one");
  const { run, context } = await claimOne(next, held.workflow.id);
  expect(context.comments).toMatchObject([{ id, text: "Do not touch the lock file" }]);
  await host.background.drain();
  expect(await commentOf(held.task.id, id)).toMatchObject({ deliveredAt: expect.any(Date), seenAt: null });
  expect(eventsOf(id).at(-1)).toBe("comment_update by the next one");

  const now = { agent: next, run: { runId: run.id, leaseToken: run.leaseToken } };
  await beat(held, [id]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ seenAt: null });
  expect(await beat(now, [id])).toEqual([]);
  expect(await commentOf(held.task.id, id)).toMatchObject({ seenAt: expect.any(Date) });
});

testOnPostgres(
  "a comment that was being written while the task was claimed comes with the first heartbeat",
  async () => {
    const agent = await host.agent();
    const workflow = await addWorkflow(host.db);
    const task = await addTask(host.db, workflow.id);
    await say(task.id, "Said long before");
    const { id, claim } = await host.db.transaction(async (tx) => {
      const writing = { ...person, db: { ...host.db, transaction: (work: (on: typeof tx) => unknown) => work(tx) } };
      const comment = await createComment(writing as PersonCtx, { taskId: task.id, text: "Stop at page nine" });
      const claim = await claimOne(agent, workflow.id);
      expect(claim.context.comments.map(({ text }) => text)).toEqual(["Said long before"]);
      return { id: comment.id, claim };
    });
    await host.background.drain();
    expect(await commentOf(task.id, id)).toMatchObject({ deliveredAt: null });
    const held = { agent, run: { runId: claim.run.id, leaseToken: claim.run.leaseToken } };
    const command = [{ id, kind: "comment", text: "Stop at page nine" }];
    expect(await beat(held)).toMatchObject(command);
    expect(await commentOf(task.id, id)).toMatchObject({ deliveredAt: expect.any(Date), seenAt: null });
    // Its answer may have been lost.
    expect(await beat(held)).toMatchObject(command);
    expect(await beat(held, [id])).toEqual([]);
  },
);

testOnPostgres(
  "new words that were being written while the task was claimed come with the first heartbeat",
  async () => {
    const agent = await host.agent();
    const workflow = await addWorkflow(host.db);
    const task = await addTask(host.db, workflow.id);
    const { id } = await say(task.id, "Use tabs");
    const claim = await host.db.transaction(async (tx) => {
      await tx.query("update comments set text = 'Use spaces', edited_at = now(), revision = 2 where id = $1", [id]);
      return claimOne(agent, workflow.id);
    });
    expect(claim.context.comments).toMatchObject([{ id, text: "Use tabs" }]);
    await host.background.drain();
    const held = { agent, run: { runId: claim.run.id, leaseToken: claim.run.leaseToken } };
    expect(await beat(held)).toMatchObject([{ id, text: "Use spaces" }]);
  },
);

test("what came with the claim does not come again with the heartbeats", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const { id } = await say(task.id, "Read this first");
  const { run, context } = await claimOne(agent, workflow.id);
  expect(context.comments).toMatchObject([{ id }]);
  await host.background.drain();
  expect(await beat({ agent, run: { runId: run.id, leaseToken: run.leaseToken } })).toEqual([]);
  expect(await commentOf(task.id, id)).toMatchObject({ deliveredAt: expect.any(Date), seenAt: null });
});

test("a decision is delivered and then seen; one that the agent waits for is both with the answer", async () => {
  const held = await working();
  const [asked, awaited] = [
    await createSuggestion(held.agent, { taskId: held.task.id, action: "Ask" }),
    await createSuggestion(held.agent, { taskId: held.task.id, action: "Ask and wait" }),
  ];
  for (const { id } of [asked, awaited]) await approveSuggestion(person, { id });
  await waitForDecision(held.agent, { id: awaited.id, waitMs: 0 });
  await host.background.drain();
  expect(await suggestionOf(awaited.id)).toMatchObject({ delivered_at: expect.any(Date), seen_at: expect.any(Date) });

  expect(await beat(held)).toMatchObject([{ id: asked.id, kind: "decision", status: "approved" }]);
  expect(await suggestionOf(asked.id)).toMatchObject({ delivered_at: expect.any(Date), seen_at: null });
  await beat(await working(), [asked.id]);
  expect(await suggestionOf(asked.id)).toMatchObject({ seen_at: null });
  await beat(held, [asked.id]);
  expect(await suggestionOf(asked.id)).toMatchObject({ seen_at: expect.any(Date) });
  expect(eventsOf(asked.id).slice(-2)).toEqual(Array(2).fill(`suggestion_update by ${held.agent.actor.name}`));
});

test("an agent is told to stop a cancelled run with every heartbeat that names it; when it was first told is kept", async () => {
  const held = await working();
  await cancelTask(person, { id: held.task.id });
  const toldAt = async () => (await runsByTask(person, { taskId: held.task.id }))[0]?.stopDeliveredAt;
  expect(await toldAt()).toBeNull();
  expect(await beat(held)).toMatchObject([{ kind: "cancel", runId: held.run.runId, reason: "terminal" }]);
  const first = await toldAt();
  expect(first).toBeInstanceOf(Date);
  expect(await beat(held)).toHaveLength(1);
  expect(await toldAt()).toEqual(first);
  expect(eventsOf(held.run.runId)).toEqual([`run_update by ${held.agent.actor.name}`]);
});

test("every agent in one batch of heartbeats gets its own commands", async () => {
  const all = await Promise.all(Array.from({ length: 5 }, working));
  const said = await Promise.all(all.map(({ task }, i) => say(task.id, `Number ${i}`)));
  const answers = await Promise.all(all.map(({ agent, run }) => heartbeat(agent, { runs: [run], ack: [] })));
  expect(answers.map(({ commands }) => commands.map(({ id }) => id))).toEqual(said.map(({ id }) => [id]));
  await host.background.drain();
});

test("an agent is told while it is paused or drains, and of a paused workflow; its leases go on", async () => {
  const held = await working();
  const admin = await host.person("admin");
  expect(await beat(held)).toEqual([]);
  await pauseAgent(admin, { id: held.agent.actor.id });
  const stop = { kind: "stop", runId: null, reason: "agent_paused" };
  expect(await beat(held)).toMatchObject([stop]);
  expect(await beat(held, [held.agent.actor.id])).toMatchObject([stop]);
  await drainAgent(admin, { id: held.agent.actor.id });
  expect(await beat(held)).toMatchObject([{ ...stop, reason: "agent_draining" }]);
  await resumeAgent(admin, { id: held.agent.actor.id });

  await pauseWorkflow(person, { id: held.workflow.id });
  expect(await beat(held)).toMatchObject([{ kind: "stop", runId: held.run.runId, reason: "workflow_paused" }]);
  const { leases } = await heartbeat(held.agent, { runs: [held.run], ack: [] });
  expect(leases).toMatchObject([{ ok: true }]);
  await resumeWorkflow(person, { id: held.workflow.id });
  expect(await beat(held)).toEqual([]);
});
