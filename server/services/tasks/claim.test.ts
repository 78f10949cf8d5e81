import { afterAll, beforeAll, expect, test } from "bun:test";
import { reapRuns } from "../../workers/reaper.ts";
import { completeRun } from "../runs/complete.ts";
import { failRun } from "../runs/give-up.ts";
import { type TestHost, testHost } from "../testing.ts";
import { serverStops } from "../work-signal.ts";
import { rollUp } from "../workflows/roll-up.ts";
import { claimTasks } from "./claim.ts";
import { addTask, addWorkflow } from "./testing.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

const at = (workflowId: string, max = 1) => ({ max, waitMs: 0, workflowId });
const statusOf = async (workflowId: string) => {
  const [row] = await host.db.query<{ status: string; progress: number | null }>(
    "select status, progress from workflows where id = $1",
    [workflowId],
  );
  return row;
};

test("tasks are handed out by priority, then due date, then age", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id, { name: "low", priority: "low" });
  await addTask(host.db, workflow.id, { name: "old" });
  await addTask(host.db, workflow.id, { name: "young" });
  await addTask(host.db, workflow.id, { name: "due", dueDate: "2030-01-01" });
  await addTask(host.db, workflow.id, { name: "high", priority: "high" });
  const agent = await host.agent("reader", [], 10);
  const claims = await claimTasks(agent, at(workflow.id, 10));
  expect(claims.map((claim) => claim.task.name)).toEqual(["high", "due", "old", "young", "low"]);
});

test("many agents that claim at once never share a task, and every task is handed out", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 30; i++) await addTask(host.db, workflow.id);
  const agents = await Promise.all(Array.from({ length: 10 }, () => host.agent(undefined, [], 5)));
  const claims = await Promise.all(
    agents.flatMap((agent) => Array.from({ length: 5 }, () => claimTasks(agent, at(workflow.id)))),
  );
  const ids = claims.flat().map((claim) => claim.task.id);
  expect(ids).toHaveLength(30);
  expect(new Set(ids).size).toBe(30);
});

test("an agent never holds more than its maximum, even when it asks many times at once", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 6; i++) await addTask(host.db, workflow.id);
  const agent = await host.agent(undefined, [], 2);
  const claims = await Promise.all(Array.from({ length: 6 }, () => claimTasks(agent, at(workflow.id, 3))));
  expect(claims.flat()).toHaveLength(2);
});

test("a task goes only to an agent that can do all it requires", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id, { requiredCapabilities: ["read", "write"] });
  expect(await claimTasks(await host.agent(undefined, ["read"]), at(workflow.id))).toEqual([]);
  expect(await claimTasks(await host.agent(undefined, ["write", "read", "fly"]), at(workflow.id))).toHaveLength(1);
});

test("a task kept for one agent goes to nobody else", async () => {
  const [wanted, other] = [await host.agent(), await host.agent()];
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id, { assignedAgentId: wanted.actor.id });
  expect(await claimTasks(other, at(workflow.id))).toEqual([]);
  expect(await claimTasks(wanted, at(workflow.id))).toHaveLength(1);
});

test("an agent that drains or is paused gets nothing", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  for (const state of ["draining", "paused"]) {
    const agent = await host.agent();
    await host.db.query("update agents set desired_state = $2 where id = $1", [agent.actor.id, state]);
    expect(await claimTasks(agent, at(workflow.id))).toEqual([]);
  }
});

test("a task waits for all that it depends on, and brings their results along", async () => {
  const workflow = await addWorkflow(host.db);
  const first = await addTask(host.db, workflow.id, { name: "list" });
  const second = await addTask(host.db, workflow.id, { name: "count" });
  const third = await addTask(host.db, workflow.id, { name: "report", dependsOn: [first.id, second.id] });
  const agent = await host.agent(undefined, [], 5);
  const claims = await claimTasks(agent, at(workflow.id, 5));
  expect(claims.map((claim) => claim.task.name)).toEqual(["list", "count"]);
  for (const { run, task } of claims) {
    const lease = { runId: run.id, leaseToken: run.leaseToken };
    await completeRun(agent, { ...lease, result: { from: task.name }, claimNext: false });
  }
  const [report] = await claimTasks(agent, at(workflow.id));
  expect(report?.task.id).toBe(third.id);
  expect(report?.context.dependencies.map((one) => one.result)).toEqual([{ from: "list" }, { from: "count" }]);
});

test("two predecessors that complete at once release their dependent", async () => {
  const workflow = await addWorkflow(host.db);
  const agents = [await host.agent(), await host.agent()];
  const before = [await addTask(host.db, workflow.id), await addTask(host.db, workflow.id)];
  const last = await addTask(host.db, workflow.id, { dependsOn: before.map((task) => task.id) });
  const claims = await Promise.all(agents.map((agent) => claimTasks(agent, at(workflow.id))));
  await Promise.all(
    agents.map((agent, i) => {
      const run = claims[i]?.[0]?.run;
      return completeRun(agent, { runId: run?.id ?? "", leaseToken: run?.leaseToken ?? "", claimNext: false });
    }),
  );
  expect((await claimTasks(await host.agent(), at(workflow.id)))[0]?.task.id).toBe(last.id);
});

test("a failed predecessor does not release a task, and the workflow has failed when nothing else can run", async () => {
  const workflow = await addWorkflow(host.db);
  const first = await addTask(host.db, workflow.id, { name: "doomed" });
  await addTask(host.db, workflow.id, { dependsOn: [first.id] });
  const agent = await host.agent();
  const [claim] = await claimTasks(agent, at(workflow.id));
  const lease = { runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "" };
  await failRun(agent, { ...lease, error: "no", retryable: false });
  await rollUp(host, workflow.id);
  expect(await claimTasks(agent, at(workflow.id))).toEqual([]);
  expect(await statusOf(workflow.id)).toMatchObject({ status: "failed", progress: 0 });
});

test("under fail fast the other tasks are not handed out once one has failed", async () => {
  const workflow = await addWorkflow(host.db, { failurePolicy: "fail_fast" });
  await addTask(host.db, workflow.id);
  await addTask(host.db, workflow.id);
  const agent = await host.agent();
  const [claim] = await claimTasks(agent, at(workflow.id));
  const lease = { runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "" };
  await failRun(agent, { ...lease, error: "no", retryable: false });
  expect(await claimTasks(agent, at(workflow.id))).toEqual([]);
  expect(await statusOf(workflow.id)).toMatchObject({ status: "failed" });
});

test("a workflow is completed with its last task", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const agent = await host.agent();
  const [claim] = await claimTasks(agent, at(workflow.id));
  await completeRun(agent, { runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "", claimNext: false });
  await host.background.drain();
  expect(await statusOf(workflow.id)).toMatchObject({ status: "completed", progress: 100 });
});

test("a waiting claim is answered as soon as a task can be claimed", async () => {
  const workflow = await addWorkflow(host.db);
  const [worker, waiter] = [await host.agent(), await host.agent()];
  const first = await addTask(host.db, workflow.id);
  await addTask(host.db, workflow.id, { name: "second", dependsOn: [first.id] });
  const [claim] = await claimTasks(worker, at(workflow.id));
  const waiting = claimTasks(waiter, { max: 1, waitMs: 20_000, workflowId: workflow.id });
  await completeRun(worker, { runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "", claimNext: false });
  expect((await waiting)[0]?.task.name).toBe("second");
});

test("a waiting claim ends when its caller goes away", async () => {
  const workflow = await addWorkflow(host.db);
  const gone = new AbortController();
  const waiting = claimTasks(await host.agent(), { max: 1, waitMs: 20_000, workflowId: workflow.id }, gone.signal);
  gone.abort();
  expect(await waiting).toEqual([]);
});

test("a completion that asks for it brings the next task", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const next = await addTask(host.db, workflow.id);
  const agent = await host.agent();
  const [claim] = await claimTasks(agent, at(workflow.id));
  const lease = { runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "" };
  // Its own database holds the tasks of other tests too; they come in the queue's order.
  await host.db.query("update tasks set queue_rank = 0 where id = $1", [next.id]);
  await host.db.query("update tasks set ready = false where status = 'pending' and id <> $1", [next.id]);
  const done = await completeRun(agent, { ...lease, claimNext: true });
  expect(done.next.map((one) => one.task.id)).toEqual([next.id]);
});

test("a lost task tells the next agent about the attempt before", async () => {
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id);
  const [claim] = await claimTasks(await host.agent(), at(workflow.id));
  await host.db.query("update task_runs set lease_expires_at = now() - interval '1 second' where id = $1", [
    claim?.run.id,
  ]);
  await reapRuns(host);
  await host.db.query("update tasks set queue_after = null where id = $1", [task.id]);
  const [second] = await claimTasks(await host.agent(), at(workflow.id));
  expect(second?.run.attempt).toBe(2);
  expect(second?.context.attempts).toMatchObject([{ runId: claim?.run.id ?? "", attempt: 1, outcome: "lost" }]);
});

test("a repeated claim with the same key is answered with the runs of the first, and takes nothing new", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 4; i++) await addTask(host.db, workflow.id);
  const agent = await host.agent(undefined, [], 10);
  const ask = (idempotencyKey: string) => claimTasks(agent, { ...at(workflow.id, 2), idempotencyKey });
  const first = await ask("a");
  expect(await ask("a")).toEqual(first);
  const other = await ask("b");
  expect(other.map(({ task }) => task.id)).not.toEqual(first.map(({ task }) => task.id));
  expect(other).toHaveLength(2);
});

test("a repeated claim is answered even when the agent has no place left, and only with what it still holds", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 3; i++) await addTask(host.db, workflow.id);
  const agent = await host.agent(undefined, [], 2);
  const ask = () => claimTasks(agent, { ...at(workflow.id, 2), idempotencyKey: "only" });
  const [one, two] = await ask();
  if (!one || !two) throw new Error("Two were to be claimed");
  await completeRun(agent, { runId: one.run.id, leaseToken: one.run.leaseToken, claimNext: false });
  expect((await ask()).map(({ run }) => run.id)).toEqual([two.run.id]);
});

test("the same key of another agent is another claim", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 2; i++) await addTask(host.db, workflow.id);
  const agents = [await host.agent(), await host.agent()];
  const claims = await Promise.all(
    agents.map((agent) => claimTasks(agent, { ...at(workflow.id), idempotencyKey: "same" })),
  );
  expect(new Set(claims.flat().map(({ task }) => task.id)).size).toBe(2);
});

test("a completion that is repeated brings the same next task", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 3; i++) await addTask(host.db, workflow.id);
  const agent = await host.agent();
  const [claim] = await claimTasks(agent, at(workflow.id));
  if (!claim) throw new Error("Nothing was claimed");
  const complete = () => completeRun(agent, { runId: claim.run.id, leaseToken: claim.run.leaseToken, claimNext: true });
  const first = await complete();
  expect(first.next).toHaveLength(1);
  expect(await complete()).toEqual(first);
});

test("a task whose agent had gone before it heard of it is pending again at once, its attempt not counted", async () => {
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { maxAttempts: 1 });
  const agent = await host.agent();
  const gone = new AbortController();
  const claiming = claimTasks(agent, at(workflow.id), gone.signal);
  gone.abort();
  await claiming;
  await host.background.drain();
  const [row] = await host.db.query("select status, attempt from tasks where id = $1", [task.id]);
  expect(row).toEqual({ status: "pending", attempt: 0 });
});

test("a claim that is answered although the server stops is kept", async () => {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const agent = await host.agent();
  const stopping = new AbortController();
  const claiming = claimTasks(agent, at(workflow.id), stopping.signal);
  stopping.abort(serverStops);
  const [claim] = await claiming;
  await host.background.drain();
  const [run] = await host.db.query("select outcome from task_runs where id = $1", [claim?.run.id]);
  expect(run).toEqual({ outcome: null });
});

test("agents that can do different things and ask at once never get the same task", async () => {
  const workflow = await addWorkflow(host.db);
  for (let i = 0; i < 12; i++) await addTask(host.db, workflow.id);
  const agents = await Promise.all(
    [[], ["read"], ["read", "write"], ["paint"]].map((can) => host.agent(undefined, can, 3)),
  );
  const claims = await Promise.all(agents.flatMap((agent) => [1, 2, 3].map(() => claimTasks(agent, at(workflow.id)))));
  expect(new Set(claims.flat().map(({ task }) => task.id)).size).toBe(12);
});
