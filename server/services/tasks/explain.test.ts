import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Ctx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { pauseWorkflow } from "../workflows/pause.ts";
import { assignTask } from "./assign.ts";
import { cancelTask } from "./cancel.ts";
import { explainTask } from "./explain.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { removeTask } from "./remove.ts";
import { claimOne, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
beforeEach(async () => {
  await host.db.query("update agents set archived_at = now()");
});
afterAll(() => host.close());

const move = (input: Record<string, unknown>) => moveTask(ctx, moveTaskInput.parse(input));
const explain = async (id: string) => {
  const { moving, reasons } = await explainTask(ctx, { id });
  return {
    moving,
    codes: reasons.map((reason) => reason.code),
    sentence: reasons[0]?.sentence,
    data: reasons[0]?.data,
  };
};

test("it waits for other tasks", async () => {
  await host.agent();
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c", dependsOn: ["a", "b"] }]);
  expect(await explain(id("c"))).toMatchObject({
    moving: false,
    codes: ["dependency"],
    sentence: "Waits for 2 tasks, first: a",
    data: { count: 2, first: { name: "a" } },
  });
  await move({ id: id("a"), status: "completed" });
  await move({ id: id("b"), status: "failed" });
  expect((await explain(id("c"))).sentence).toBe("Waits for: b, which is failed");
});

test("its workflow is paused, or a draft", async () => {
  await host.agent();
  const paused = await sampleWorkflow(ctx, [{ key: "a" }]);
  await pauseWorkflow(ctx, { id: paused.workflow.id });
  const answer = await explain(paused.id("a"));
  expect(answer).toMatchObject({ moving: false, codes: ["workflow_paused"], data: { pausedBy: "Test operator" } });
  expect(answer.sentence).toMatch(/^Paused by Test operator since \d\d:\d\d:\d\d UTC\.$/);
  const draft = await sampleWorkflow(ctx, [{ key: "a" }], { status: "draft" });
  expect(await explain(draft.id("a"))).toMatchObject({ moving: false, codes: ["workflow_not_running"] });
});

test("it waits for its next try", async () => {
  await host.agent();
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await host.db.query("update tasks set queue_after = now() + interval '1 minute', attempt = 1 where id = $1", [
    id("a"),
  ]);
  const answer = await explain(id("a"));
  expect(answer).toMatchObject({ moving: false, codes: ["back_off"], data: { attempt: 2, at: expect.any(Date) } });
  expect(answer.sentence).toMatch(/^Next try at \S+ UTC \(attempt 2 of 3\)\.$/);
});

test("an agent works on it; it waits for a decision meanwhile", async () => {
  const agent = await host.agent("reader-1");
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  const { run } = await claimOne(agent, workflow.id);
  const answer = await explain(id("a"));
  expect(answer).toMatchObject({ moving: true, codes: ["leased"], data: { agentName: "reader-1", runId: run.id } });
  expect(answer.sentence).toMatch(/^reader-1 works on it \(attempt 1 of 3\), lease until \S+ UTC\.$/);

  await host.db.query(
    `insert into suggestions (id, workflow_id, task_id, agent_id, action, task_revision) values ($1, $2, $3, $4, 'ask', 1)`,
    [Bun.randomUUIDv7(), workflow.id, id("a"), agent.actor.id],
  );
  const waiting = await explain(id("a"));
  expect(waiting).toMatchObject({ moving: false, codes: ["decision", "leased"], data: { count: 1 } });
  expect(waiting.sentence).toMatch(/^Waits for a decision since \S+ UTC\.$/);
});

test("a person took it", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  await move({ id: id("a"), status: "in_progress" });
  expect(await explain(id("a"))).toMatchObject({
    moving: true,
    codes: ["taken"],
    sentence: "Test operator took it by hand. Agents leave it alone.",
  });
});

test("it is kept for an agent that is offline, or lacks what it needs", async () => {
  const agent = await host.agent("sleeper");
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b", requiredCapabilities: ["ocr"] }]);
  await assignTask(ctx, { id: id("a"), agentId: agent.actor.id });
  await assignTask(ctx, { id: id("b"), agentId: agent.actor.id });
  expect((await explain(id("a"))).codes).toEqual(["ready"]);
  await host.db.query("update agents set status = 'offline' where id = $1", [agent.actor.id]);
  expect(await explain(id("a"))).toMatchObject({
    moving: false,
    codes: ["assigned_agent"],
    sentence: "It is kept for sleeper, which is offline.",
  });
  expect((await explain(id("b"))).sentence).toBe(
    "It is kept for sleeper, which lacks the capability ocr. Assign another agent.",
  );
});

test("no agent has the capability; then one has it but is offline; then it is busy; then it is paused", async () => {
  const { workflow, id } = await sampleWorkflow(ctx, [{ key: "a", requiredCapabilities: ["ocr"] }]);
  expect(await explain(id("a"))).toMatchObject({
    moving: false,
    codes: ["no_capable_agent"],
    sentence: "No agent has the capability ocr. Connect one, or change what the task needs.",
  });

  const agent = await host.agent("scanner", ["ocr"]);
  await host.db.query("update agents set status = 'offline' where id = $1", [agent.actor.id]);
  expect(await explain(id("a"))).toMatchObject({
    codes: ["agents_offline"],
    sentence: "No online agent has the capability ocr. scanner has it, but is offline.",
  });

  await host.db.query("update agents set status = 'online' where id = $1", [agent.actor.id]);
  const other = await sampleWorkflow(ctx, [{ key: "b" }]);
  await claimOne(agent, other.workflow.id);
  expect(await explain(id("a"))).toMatchObject({ moving: false, codes: ["agents_busy"] });

  await host.db.query("update agents set desired_state = 'paused' where id = $1", [agent.actor.id]);
  expect(await explain(id("a"))).toMatchObject({ moving: false, codes: ["agents_not_accepting"] });
  expect(workflow.status).toBe("running");
});

test("no agent at all", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  expect((await explain(id("a"))).sentence).toBe("No agent is registered. Connect one.");
});

test("it is ready and will be taken", async () => {
  await host.agent();
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }]);
  expect(await explain(id("a"))).toMatchObject({ moving: true, codes: ["ready"] });
});

test("it has ended, and why", async () => {
  const { id } = await sampleWorkflow(ctx, [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }]);
  await move({ id: id("a"), status: "completed" });
  await move({ id: id("b"), status: "failed", reason: "The source is gone" });
  await cancelTask(ctx, { id: id("c") });
  await removeTask(ctx, { id: id("d"), force: false });
  expect(await explain(id("a"))).toMatchObject({ moving: false, sentence: "It was completed by Test operator." });
  expect(await explain(id("b"))).toMatchObject({ codes: ["failed"], sentence: "It failed: The source is gone" });
  expect(await explain(id("c"))).toMatchObject({ codes: ["cancelled"] });
  expect(await explain(id("d"))).toMatchObject({ codes: ["deleted"] });
});
