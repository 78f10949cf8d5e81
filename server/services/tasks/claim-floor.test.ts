import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../../../tests/support/until.ts";
import type { AgentCtx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { claimTasks } from "./claim.ts";
import { isBelow, type QueueKey } from "./claim-order.ts";
import { createTask, createTaskInput } from "./create.ts";
import { addTask, addWorkflow } from "./testing.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

/** Claims one task after the other until this agent's claims begin behind what was claimed. */
async function claimUntilFloor(agent: AgentCtx, workflowId: string): Promise<QueueKey> {
  const first = await addTask(host.db, workflowId);
  return until("a floor", async () => {
    await addTask(host.db, workflowId);
    await claimTasks(agent, { max: 1, waitMs: 0, workflowId });
    const [floor] = host.floors.of(JSON.stringify([[], workflowId])) ?? [];
    return floor && isBelow({ rank: first.queueRank, due: "infinity", number: first.number }, floor)
      ? floor
      : undefined;
  });
}

const claimOne = async (agent: AgentCtx, workflowId: string) =>
  (await claimTasks(agent, { max: 1, waitMs: 0, workflowId }))[0]?.task.name;

test("claims begin where the first waiting task lies, and no waiting task lies below", async () => {
  const workflow = await addWorkflow(host.db);
  const agent = await host.agent(undefined, [], 1000);
  for (let i = 0; i < 5; i++) await addTask(host.db, workflow.id, { priority: "low" });
  const floor = await claimUntilFloor(agent, workflow.id);
  const waiting = await host.db.query<{ number: number; rank: number }>(
    "select number, queue_rank as rank from tasks where workflow_id = $1 and status = 'pending'",
    [workflow.id],
  );
  expect(waiting.length).toBeGreaterThan(0);
  for (const task of waiting) expect(floor.rank < task.rank || floor.number <= task.number).toBe(true);
});

test("an urgent task that comes later is still claimed first", async () => {
  const workflow = await addWorkflow(host.db);
  const agent = await host.agent(undefined, [], 1000);
  for (let i = 0; i < 20; i++) await addTask(host.db, workflow.id);
  await claimUntilFloor(agent, workflow.id);
  const person = await host.person();
  const add = (fields: object) => createTask(person, createTaskInput.parse({ workflowId: workflow.id, ...fields }));
  await add({ name: "due", dueDate: "2030-01-01" });
  await add({ name: "urgent", priority: "high" });
  expect(await claimOne(agent, workflow.id)).toBe("urgent");
  expect(await claimOne(agent, workflow.id)).toBe("due");
});

test("a task whose news was lost is found at once by who finds nothing else, and soon by everybody", async () => {
  const workflow = await addWorkflow(host.db);
  const agent = await host.agent(undefined, [], 1000);
  for (let i = 0; i < 5; i++) await addTask(host.db, workflow.id);
  await claimUntilFloor(agent, workflow.id);
  await claimTasks(agent, { max: 100, waitMs: 0, workflowId: workflow.id });
  await addTask(host.db, workflow.id, { name: "unheard", priority: "high" });
  expect(await claimOne(agent, workflow.id)).toBe("unheard");

  await claimUntilFloor(agent, workflow.id);
  await claimTasks(agent, { max: 100, waitMs: 0, workflowId: workflow.id });
  await addTask(host.db, workflow.id, { name: "unheard by who waits", priority: "high" });
  const waitALittle = () => claimTasks(agent, { max: 1, waitMs: 1, workflowId: workflow.id });
  await until("the unheard task's turn", async () => (await waitALittle())[0]?.task.name === "unheard by who waits", 5);

  await claimUntilFloor(agent, workflow.id);
  for (let i = 0; i < 100; i++) await addTask(host.db, workflow.id);
  await addTask(host.db, workflow.id, { name: "unheard again", priority: "high" });
  await until("the unheard task's turn", async () => (await claimOne(agent, workflow.id)) === "unheard again", 5);
});
