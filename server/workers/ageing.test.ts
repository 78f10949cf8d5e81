import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AgentCtx } from "../services/context.ts";
import { claimTasks } from "../services/tasks/claim.ts";
import { addTask, addWorkflow } from "../services/tasks/testing.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { ageQueue } from "./ageing.ts";

let host: TestHost;
let agent: AgentCtx;
beforeAll(async () => {
  host = await testHost();
  agent = await host.agent("worker", [], 1000);
});
afterAll(() => host.close());

const letPass = (workflowId: string, minutes: number) =>
  host.db.query("update tasks set created_at = created_at - make_interval(mins => $2) where workflow_id = $1", [
    workflowId,
    minutes,
  ]);
const claimOne = async (workflowId: string) => {
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId });
  return claim?.task.name;
};

test("a low priority comes to its turn under a stream of urgent tasks that never dries up", async () => {
  const { id } = await addWorkflow(host.db);
  await addTask(host.db, id, { name: "patient", priority: "low" });
  const urgent = () => addTask(host.db, id, { name: "urgent", priority: "high", dueDate: "2030-01-01" });
  const claimed: (string | undefined)[] = [];
  while (!claimed.includes("patient") && claimed.length < 40) {
    await urgent();
    await urgent();
    await letPass(id, 5);
    await ageQueue(host);
    claimed.push(await claimOne(id));
  }
  expect(claimed.at(-1)).toBe("patient");
  // It stood back for the urgent ones as long as half an hour's priority is worth.
  expect(claimed.length).toBeGreaterThan(6);
  const left = await host.db.query("select 1 from tasks where workflow_id = $1 and status = 'pending'", [id]);
  expect(left.length).toBeGreaterThan(6);
});

test("a task without a due date comes to its turn before newer ones that have one", async () => {
  const { id } = await addWorkflow(host.db);
  await addTask(host.db, id, { name: "no date" });
  await letPass(id, 16);
  await addTask(host.db, id, { name: "dated", dueDate: "2030-01-01" });
  await addTask(host.db, id, { name: "dated too", dueDate: "2030-01-01" });
  expect(await claimOne(id)).toBe("dated");
  await ageQueue(host);
  expect(await claimOne(id)).toBe("no date");
});

test("among tasks that have waited equally long, priority decides", async () => {
  const { id } = await addWorkflow(host.db);
  for (const priority of ["low", "medium", "high"] as const) await addTask(host.db, id, { name: priority, priority });
  await letPass(id, 10 * 24 * 60);
  await ageQueue(host);
  expect([await claimOne(id), await claimOne(id), await claimOne(id)]).toEqual(["high", "medium", "low"]);
});

test("a task that has not waited long, or cannot be claimed, is not written to", async () => {
  const { id } = await addWorkflow(host.db);
  const young = await addTask(host.db, id);
  const first = await addTask(host.db, id);
  const behind = await addTask(host.db, id, { dependsOn: [first.id] });
  const old = await addTask(host.db, id);
  await host.db.query("update tasks set created_at = now() - interval '1 hour' where id = any($1::uuid[])", [
    [behind.id, old.id],
  ]);
  await ageQueue(host);
  await ageQueue(host);
  const rows = await host.db.query<{ id: string; queue_rank: number }>(
    "select id, queue_rank from tasks where workflow_id = $1",
    [id],
  );
  const rankOf = (task: { id: string }) => rows.find((row) => row.id === task.id)?.queue_rank;
  expect([young, behind, old].map(rankOf)).toEqual([1, 1, -3]);
});
