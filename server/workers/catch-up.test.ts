import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Ctx } from "../services/context.ts";
import { completeRun } from "../services/runs/complete.ts";
import { failRun } from "../services/runs/give-up.ts";
import type { Claim } from "../services/tasks/claim.ts";
import { retryTask } from "../services/tasks/retry.ts";
import { claimOne, sampleWorkflow } from "../services/tasks/samples.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { findWorkflow } from "../services/workflows/find.ts";
import { pauseWorkflow } from "../services/workflows/pause.ts";
import { catchUp } from "./catch-up.ts";

let host: TestHost;
let person: Ctx;
beforeAll(async () => {
  host = await testHost();
  person = await host.person();
});
afterAll(() => host.close());

const leaseOf = ({ run }: Claim) => ({ runId: run.id, leaseToken: run.leaseToken });

/** The same caller on a server that goes down right after each commit. */
const goingDown = <Caller extends Ctx>(caller: Caller): Caller => ({
  ...caller,
  background: { run: () => {}, drain: async () => {} },
});

test("a workflow that had failed goes on when its task is retried right before a crash", async () => {
  const { workflow, task, id } = await sampleWorkflow(person, [{ key: "a" }]);
  const agent = await host.agent();
  const claim = await claimOne(agent, workflow.id);
  await failRun(agent, { ...leaseOf(claim), error: "No such file", retryable: false });
  await host.background.drain();
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "failed" });

  await retryTask(goingDown(person), { id: id("a") });
  expect(await task("a")).toMatchObject({ status: "pending", ready: false });
  await catchUp(host);
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "running" });
  expect(await task("a")).toMatchObject({ ready: true });
});

test("what an agent finished in a paused workflow right before a crash is counted, there and in its record", async () => {
  const { workflow } = await sampleWorkflow(person, [{ key: "a" }, { key: "b" }]);
  const agent = await host.agent();
  const claim = await claimOne(agent, workflow.id);
  await pauseWorkflow(person, { id: workflow.id });
  await host.background.drain();

  await completeRun(goingDown(agent), { ...leaseOf(claim), claimNext: false });
  await catchUp(host);
  expect(await findWorkflow(host.db, workflow.id)).toMatchObject({ status: "paused", progress: 50 });
  const [row] = await host.db.query("select total_tasks, success_rate from agents where id = $1", [agent.actor.id]);
  expect(row).toEqual({ total_tasks: 1, success_rate: 1 });
});
