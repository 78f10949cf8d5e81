import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../../tests/support/until.ts";
import { createHost } from "../host.ts";
import { memoryBus } from "../realtime/bus.ts";
import { catchUp } from "../workers/catch-up.ts";
import { pauseAgent, resumeAgent } from "./agents/steer.ts";
import { updateAgent } from "./agents/update.ts";
import type { AgentCtx, Host, PersonCtx } from "./context.ts";
import { completeRun } from "./runs/complete.ts";
import { failRun } from "./runs/give-up.ts";
import { cancelTask } from "./tasks/cancel.ts";
import { claimTasks } from "./tasks/claim.ts";
import { createTask, createTaskInput } from "./tasks/create.ts";
import { moveTask, moveTaskInput } from "./tasks/move.ts";
import { removeTask } from "./tasks/remove.ts";
import { claimOne } from "./tasks/samples.ts";
import { addTask, addWorkflow } from "./tasks/testing.ts";
import { type TestHost, testHost } from "./testing.ts";
import { wakeFor } from "./wake.ts";

let host: TestHost;
/** Two instances: what one commits the other hears of. */
let here: Host;
let there: Host;
let person: PersonCtx;
beforeAll(async () => {
  host = await testHost();
  const bus = memoryBus();
  [here, there] = [startInstance(bus), startInstance(bus)];
  person = { ...(await host.person()), ...here };
});
afterAll(async () => {
  await Promise.all(instances.map(({ background }) => background.drain()));
  await host.close();
});
const instances: Host[] = [];

function startInstance(bus = memoryBus()): Host {
  const onError = (_name: string, error: unknown) => host.background.run("instance", () => Promise.reject(error));
  const instance = createHost({ db: host.db, bus, onError });
  bus.subscribe((events) => {
    for (const event of events) wakeFor(instance, event);
  });
  instances.push(instance);
  return instance;
}

/** The same agent as a process of it reaches that instance. */
const at = (instance: Host, agent: AgentCtx): AgentCtx => ({
  ...agent,
  ...instance,
  work: instance.work.of(agent.actor.id),
});

/** A claim of the agent at the other instance that has looked and found nothing for it; `answer` fails if it takes long. */
async function waitingClaim(agent: AgentCtx, workflowId: string, instance = there) {
  const one = at(instance, agent);
  const claim = claimTasks(one, { max: 1, waitMs: 30_000, workflowId });
  let claimed: Awaited<typeof claim> | undefined;
  claim.then((answer) => {
    claimed = answer;
  });
  // Gathered with the first look of the claim above, or after it.
  expect(await claimTasks(one, { max: 1, waitMs: 0, workflowId })).toEqual([]);
  return {
    answer: async () => (await until("the waiting claim is answered", () => claimed, 10)).map(({ task }) => task.name),
  };
}

async function workflowOf(names: string[]) {
  const workflow = await addWorkflow(host.db);
  for (const name of names) await addTask(host.db, workflow.id, { name });
  return workflow;
}

test("a claim that waits at another instance is woken when its agent is resumed", async () => {
  const agent = await host.agent();
  const workflow = await workflowOf(["first"]);
  await pauseAgent(person, { id: agent.actor.id });
  const waiting = await waitingClaim(agent, workflow.id);
  await resumeAgent(person, { id: agent.actor.id });
  expect(await waiting.answer()).toEqual(["first"]);
});

test("a claim that waits at another instance is woken when its agent may do more at once, or can do more", async () => {
  const agent = await host.agent();
  const workflow = await workflowOf(["first", "second"]);
  await claimOne(at(here, agent), workflow.id);
  const full = await waitingClaim(agent, workflow.id);
  await updateAgent(person, { id: agent.actor.id, maxConcurrent: 2 });
  expect(await full.answer()).toEqual(["second"]);

  const unskilled = await host.agent();
  await addTask(host.db, workflow.id, { name: "scan", requiredCapabilities: ["ocr"] });
  const unable = await waitingClaim(unskilled, workflow.id);
  await updateAgent(person, { id: unskilled.actor.id, capabilities: ["ocr"] });
  expect(await unable.answer()).toEqual(["scan"]);
});

type Held = Awaited<ReturnType<typeof claimOne>>;
const leaseOf = ({ run }: Held) => ({ runId: run.id, leaseToken: run.leaseToken });

const endings: Record<string, (agent: AgentCtx, held: Held) => Promise<unknown>> = {
  "is completed": (agent, held) => completeRun(agent, { ...leaseOf(held), claimNext: false }),
  "fails and waits for its next try": (agent, held) =>
    failRun(agent, { ...leaseOf(held), error: "Broken", retryable: true }),
  "fails for good": (agent, held) => failRun(agent, { ...leaseOf(held), error: "Broken", retryable: false }),
  "is cancelled by a person": (_, { task }) => cancelTask(person, { id: task.id }),
  "is moved to Failed by a person": (_, { task }) =>
    moveTask(person, moveTaskInput.parse({ id: task.id, status: "failed", force: true })),
  "is removed by a person": (_, { task }) => removeTask(person, { id: task.id, force: true }),
};

for (const [ending, end] of Object.entries(endings)) {
  test(`a process of an agent that was full is woken when a task of another process ${ending}`, async () => {
    const agent = await host.agent();
    const workflow = await workflowOf(["first", "second"]);
    const held = await claimOne(at(here, agent), workflow.id);
    const waiting = await waitingClaim(agent, workflow.id);
    await end(at(here, agent), held);
    expect(await waiting.answer()).toEqual(["second"]);
  });
}

test("the end of a run wakes nobody but its own agent", async () => {
  const [agent, other] = [await host.agent(), await host.agent()];
  const workflow = await workflowOf(["first"]);
  const held = await claimOne(at(here, agent), workflow.id);
  const [mine, theirs] = [there.work.of(agent.actor.id), there.work.of(other.actor.id)];
  const leave = new AbortController();
  const woken = mine.next(30_000);
  const asleep = theirs.next(30_000, leave.signal);
  await completeRun(at(here, agent), { ...leaseOf(held), claimNext: false });
  await until("its agent is woken", () => !there.work.isAwaited(agent.actor.id), 10);
  await woken;
  expect(there.work.isAwaited(other.actor.id)).toBe(true);
  leave.abort();
  await asleep;
});

test("an instance that starts during a back-off wakes its claims at the end of it", async () => {
  const agent = await host.agent();
  const workflow = await workflowOf([]);
  await addTask(host.db, workflow.id, { name: "again" });
  await host.db.query("update tasks set queue_after = now() + interval '1.5 seconds' where workflow_id = $1", [
    workflow.id,
  ]);
  const late = startInstance();
  await catchUp(late);
  const waiting = await waitingClaim(agent, workflow.id, late);
  expect(await waiting.answer()).toEqual(["again"]);
});

test("a task is taken at once although claims that have waited longer are of an agent without a place left", async () => {
  const workflow = await addWorkflow(host.db);
  const [full, free] = [await host.agent(), await host.agent()];
  const over = new AbortController();
  const ofFull = [1, 2, 3].map(() =>
    claimTasks(at(here, full), { max: 1, waitMs: 30_000, workflowId: workflow.id }, over.signal),
  );
  const ofFree = await waitingClaim(free, workflow.id, here);
  const add = (name: string) => createTask(person, createTaskInput.parse({ workflowId: workflow.id, name }));
  await add("first");
  expect((await Promise.any(ofFull)).map(({ task }) => task.name)).toEqual(["first"]);
  await add("second");
  expect(await ofFree.answer()).toEqual(["second"]);
  over.abort();
  await Promise.all(ofFull);
});
