import { afterAll, beforeAll, expect, test } from "bun:test";
import { claimTasks } from "../tasks/claim.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { heartbeat } from "./heartbeat.ts";
import { renewNoted } from "./renewals.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

test("a heartbeat extends a lease that grows short at once, one in time with the others, and a fresh one not at all", async () => {
  const agent = await host.agent();
  const workflow = await addWorkflow(host.db);
  await addTask(host.db, workflow.id);
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id });
  const runId = claim?.run.id ?? "";
  const beat = async () => {
    const { serverTime, leases } = await heartbeat(agent, {
      runs: [{ runId, leaseToken: claim?.run.leaseToken ?? "" }],
      ack: [],
    });
    return { ...leases[0], secondsLeft: (Number(leases[0]?.expiresAt) - serverTime.getTime()) / 1000 };
  };
  const version = async () => (await host.db.query("select xmin::text from task_runs where id = $1", [runId]))[0];
  const leaveSeconds = (seconds: number) =>
    host.db.query("update task_runs set lease_expires_at = now() + make_interval(secs => $2) where id = $1", [
      runId,
      seconds,
    ]);
  const length = host.config.leaseSeconds;

  await leaveSeconds(length * 0.8);
  const written = await version();
  const early = await beat();
  expect(early.ok).toBe(true);
  expect(early.secondsLeft).toBeLessThanOrEqual(length * 0.8);
  expect(await version()).toEqual(written);

  await leaveSeconds(length * 0.6);
  const inTime = await version();
  expect((await beat()).ok).toBe(true);
  expect(await version()).toEqual(inTime);
  await renewNoted(host);
  expect((await beat()).secondsLeft).toBeGreaterThan(length * 0.9);

  await leaveSeconds(length * 0.3);
  expect((await beat()).secondsLeft).toBeGreaterThan(length * 0.9);
});
