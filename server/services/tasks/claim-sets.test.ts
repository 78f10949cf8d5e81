import { afterAll, beforeAll, expect, test } from "bun:test";
import { testOnPostgres } from "../../../tests/support/only.ts";
import type { AgentCtx } from "../context.ts";
import { type TestHost, testHost } from "../testing.ts";
import { claimTasks } from "./claim.ts";
import { ClaimFloors } from "./claim-floor.ts";
import { findFronts } from "./claim-fronts.ts";
import { look } from "./claim-look.ts";
import { top } from "./claim-order.ts";
import { createTask, createTaskInput } from "./create.ts";
import { addTask, addWorkflow } from "./testing.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

const claim = async (agent: AgentCtx, workflowId: string, max = 1) =>
  (await claimTasks(agent, { max, waitMs: 0, workflowId })).map(({ task }) => task.name);

/** This many tasks, in the order of their number; named "<name> 1" and so on. */
const addMany = (workflowId: string, name: string, { count, needs }: { count: number; needs: string[] }) =>
  host.db.query(
    `insert into tasks (id, workflow_id, name, position, required_capabilities)
     select gen_random_uuid(), $1, $2 || ' ' || i, 'h', $3::text[] from generate_series(1, $4::int) i`,
    [workflowId, name, needs, count],
  );

test("an agent with a rare skill gets its task among thousands that it cannot do", async () => {
  const workflow = await addWorkflow(host.db);
  await addMany(workflow.id, "render", { count: 3000, needs: ["gpu"] });
  await addTask(host.db, workflow.id, { name: "translate", requiredCapabilities: ["translate"] });
  await addMany(workflow.id, "render", { count: 3000, needs: ["zoom"] });
  const agent = await host.agent(undefined, ["translate"], 10);
  expect(await claim(agent, workflow.id)).toEqual(["translate"]);
  expect(await claim(agent, workflow.id)).toEqual([]);
});

test("tasks come in the order of the queue, whatever each of them needs", async () => {
  const workflow = await addWorkflow(host.db);
  const add = (name: string, requiredCapabilities: string[], more: object = {}) =>
    addTask(host.db, workflow.id, { name, requiredCapabilities, ...more });
  await add("low", ["read"], { priority: "low" });
  await add("first", ["write"]);
  await add("second", []);
  await add("third", ["write", "read"]);
  await add("fourth", ["read", "write"]);
  await add("not for it", ["paint", "read"], { priority: "high" });
  await add("fifth", ["write"]);
  await add("due later", ["read"], { dueDate: "2031-01-01" });
  await add("due", [], { dueDate: "2030-01-01" });
  await add("high", ["read"], { priority: "high" });
  const agent = await host.agent(undefined, ["read", "write"], 20);
  const names = ["high", "due", "due later", "first", "second", "third", "fourth", "fifth", "low"];
  expect(await claim(agent, workflow.id)).toEqual(names.slice(0, 1));
  expect(await claim(agent, workflow.id, 3)).toEqual(names.slice(1, 4));
  expect(await claim(agent, workflow.id, 20)).toEqual(names.slice(4));
});

test("what is needed by no other waiting task is found as soon as it is there", async () => {
  const workflow = await addWorkflow(host.db);
  const needs = ["sing"];
  const agent = await host.agent(undefined, needs, 10);
  const fields = { workflowId: workflow.id, name: "song", requiredCapabilities: needs };
  expect(await claim(agent, workflow.id)).toEqual([]);
  await createTask(await host.person(), createTaskInput.parse(fields));
  const [heard] = await claimTasks(agent, { max: 1, waitMs: 1, workflowId: workflow.id });
  expect(heard?.task.name).toBe("song");
  await addTask(host.db, workflow.id, { name: "unheard of", requiredCapabilities: needs });
  expect(await claim(agent, workflow.id)).toEqual(["unheard of"]);
});

test("a task may need as much as can be said, and all of it counts", async () => {
  const workflow = await addWorkflow(host.db);
  const word = () => crypto.getRandomValues(Buffer.alloc(31)).toString("hex");
  const needs = ["a-word", ...Array.from({ length: 49 }, word)];
  const person = await host.person();
  const fields = { workflowId: workflow.id, name: "all", requiredCapabilities: needs };
  await createTask(person, createTaskInput.parse(fields));
  expect(await claim(await host.agent(undefined, needs.slice(0, 49)), workflow.id)).toEqual([]);
  expect(await claim(await host.agent(undefined, needs.toReversed()), workflow.id)).toEqual(["all"]);
});

test("the walk finds what an agent can do, and nothing else", async () => {
  const words = ["a", "a-b", "a.b", "ab", "b", "b-1", "b1", "c", "z"];
  const some = (most: number) => words.filter(() => Math.random() * words.length < most);
  const workflow = await addWorkflow(host.db);
  const sets = Array.from({ length: 150 }, (_, i) => (i % 2 ? some(4) : some(4).reverse()));
  await host.db.transaction(async (tx) => {
    await tx.query("update tasks set ready = false");
    for (const requiredCapabilities of sets) await addTask(tx, workflow.id, { requiredCapabilities });
    for (let i = 0; i < 60; i++) {
      const can = some(i % words.length);
      const found = (await findFronts(tx, can)).map(({ needs }) => needs.join(" "));
      const wanted = sets.filter((needs) => needs.every((one) => can.includes(one))).map((needs) => needs.join(" "));
      expect({ can, found: found.toSorted() }).toEqual({ can, found: [...new Set(wanted)].toSorted() });
    }
  });
});

/** Takes the locks of the first tasks of a workflow by this name, until the work is done. */
const whileLocked = <Result>(workflowId: string, names: string, work: () => Promise<Result>) =>
  host.db.transaction(async (tx) => {
    await tx.query("select id from tasks where workflow_id = $1 and name ~ $2 for update", [workflowId, names]);
    return work();
  });

testOnPostgres("a claim passes over what others hold, however much it is, in every queue", async () => {
  const workflow = await addWorkflow(host.db);
  await addMany(workflow.id, "read", { count: 200, needs: ["read"] });
  await addMany(workflow.id, "write", { count: 200, needs: ["write"] });
  const agent = await host.agent(undefined, ["read", "write"], 10);
  const locked = String.raw`^(read \d+|write \d\d?)$`;
  expect(await whileLocked(workflow.id, locked, () => claim(agent, workflow.id, 2))).toEqual([
    "write 100",
    "write 101",
  ]);
  expect(await whileLocked(workflow.id, "write", () => claim(agent, workflow.id, 2))).toEqual(["read 1", "read 2"]);
  expect(await whileLocked(workflow.id, ".", () => claim(agent, workflow.id, 2))).toEqual([]);
});

testOnPostgres("a look into several queues holds what it answers with and nothing else", async () => {
  const workflow = await addWorkflow(host.db);
  await addMany(workflow.id, "read", { count: 20, needs: ["read"] });
  await addMany(workflow.id, "write", { count: 20, needs: ["write"] });
  const matching = { where: "status = 'pending' and ready and workflow_id = $1", params: [workflow.id] };
  await host.db.transaction(async (tx) => {
    const fronts = await findFronts(tx, ["read", "write"]);
    const stretches = fronts.map((front) => ({ ...front, below: top }));
    const found = await look(tx, { stretches, matching, agentIds: [], atMost: 3 });
    const free = await host.db.query("select id from tasks where workflow_id = $1 for no key update skip locked", [
      workflow.id,
    ]);
    expect([found.length, free.length]).toEqual([3, 37]);
  });
});

testOnPostgres("servers that claim at once from several queues take everything, and nothing twice", async () => {
  const workflow = await addWorkflow(host.db);
  await addMany(workflow.id, "read", { count: 40, needs: ["read"] });
  await addMany(workflow.id, "write", { count: 40, needs: ["write"] });
  const agents = await Promise.all([1, 2, 3, 4].map(() => host.agent(undefined, ["read", "write"], 100)));
  const servers = agents.map((agent) => ({ ...agent, db: { ...host.db }, floors: new ClaimFloors() }));
  const claims = await Promise.all(
    servers.flatMap((server) => Array.from({ length: 4 }, () => claim(server, workflow.id, 5))),
  );
  expect(claims.flat()).toHaveLength(80);
  expect(new Set(claims.flat()).size).toBe(80);
});
