import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AgentCtx } from "../services/context.ts";
import { completeRun } from "../services/runs/complete.ts";
import { claimOne } from "../services/tasks/samples.ts";
import { addTask, addWorkflow } from "../services/tasks/testing.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { watchAgents } from "./agent-status.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

/** The statuses that were announced of this agent, in order. */
const announced = ({ actor }: AgentCtx) =>
  host.announced
    .filter(({ type, entityId }) => type === "agent_status" && entityId === actor.id)
    .map(({ json }) => JSON.parse(json).status);
const look = async (times = 3) => {
  for (let i = 0; i < times; i++) await watchAgents(host);
};
const stored = async ({ actor }: AgentCtx) =>
  (
    await host.db.query<{ status: string; revision: number }>("select status, revision from agents where id = $1", [
      actor.id,
    ])
  )[0];
const unseenFor = ({ actor }: AgentCtx, seconds: number) =>
  host.db.query("update agents set last_seen = now() - make_interval(secs => $2) where id = $1", [actor.id, seconds]);

async function work(agent: AgentCtx) {
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const { run } = await claimOne(agent, workflow.id);
  return () => completeRun(agent, { runId: run.id, leaseToken: run.leaseToken, claimNext: false });
}
const freeFor = ({ actor }: AgentCtx, seconds: number) =>
  host.db.query("update task_runs set ended_at = ended_at - make_interval(secs => $2) where agent_id = $1", [
    actor.id,
    seconds,
  ]);

test("going offline, coming back, being busy and free again are each announced once", async () => {
  const agent = await host.agent();
  await look();
  expect(announced(agent)).toEqual([]);

  await unseenFor(agent, host.config.agentOfflineSeconds - 5);
  await look();
  expect(announced(agent)).toEqual([]);
  await unseenFor(agent, host.config.agentOfflineSeconds + 1);
  await look();
  expect(announced(agent)).toEqual(["offline"]);

  host.presence.note(agent.actor.id, "2.0.1");
  await look();
  expect(announced(agent)).toEqual(["offline", "online"]);

  const finish = await work(agent);
  await look();
  await finish();
  await freeFor(agent, 6);
  await look();
  expect(announced(agent)).toEqual(["offline", "online", "busy", "online"]);
  expect(await stored(agent)).toEqual({ status: "online", revision: 5 });
});

test("an agent that takes one short task after the other stays busy between them", async () => {
  const agent = await host.agent();
  for (let i = 0; i < 4; i++) {
    const finish = await work(agent);
    await look(1);
    await finish();
    await look(1);
  }
  expect(announced(agent)).toEqual(["busy"]);
  await freeFor(agent, 6);
  await look();
  expect(announced(agent)).toEqual(["busy", "online"]);
});

test("one that falls silent while it is busy is offline at once", async () => {
  const agent = await host.agent();
  const finish = await work(agent);
  await look(1);
  await finish();
  await unseenFor(agent, host.config.agentOfflineSeconds + 1);
  await look();
  expect(announced(agent)).toEqual(["busy", "offline"]);
});

test("statuses are no deeds: the audit log does not grow by them", async () => {
  const agent = await host.agent();
  await unseenFor(agent, host.config.agentOfflineSeconds + 1);
  await look();
  expect(announced(agent)).toEqual(["offline"]);
  expect(await host.db.query("select action from audit_logs where entity_id = $1", [agent.actor.id])).toEqual([]);
});

test("an agent's figures are counted anew when its runs have ended", async () => {
  const agent = await host.agent();
  const figures = async () =>
    (
      await host.db.query("select total_tasks, failed_tasks, success_rate from agents where id = $1", [agent.actor.id])
    )[0];
  const finish = await work(agent);
  await look(1);
  expect(await figures()).toEqual({ total_tasks: 0, failed_tasks: 0, success_rate: null });
  await finish();
  await look(1);
  expect(await figures()).toEqual({ total_tasks: 1, failed_tasks: 0, success_rate: 1 });
});
