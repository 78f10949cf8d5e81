import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { agents, agentTokens, auditLogs, tasks } from "../../../db/schema/index.ts";
import { testOnPostgres } from "../../../tests/support/only.ts";
import { failRun } from "../runs/give-up.ts";
import { assignTask } from "../tasks/assign.ts";
import { claimTasks } from "../tasks/claim.ts";
import { retryTask } from "../tasks/retry.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { archiveAgent } from "./archive.ts";
import { readAgent, readMe } from "./by-id.ts";
import { createAgent } from "./create.ts";
import { listAgents } from "./list.ts";
import { readAgentMetrics } from "./metrics.ts";
import { listAgentRuns } from "./runs.ts";
import { drainAgent, pauseAgent, resumeAgent } from "./steer.ts";
import { tallyRuns } from "./tally.ts";
import { hashToken } from "./token.ts";
import { listTokens, rotateToken } from "./tokens.ts";
import { updateAgent } from "./update.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

const auditOf = (id: string) =>
  host.db.orm.select().from(auditLogs).where(eq(auditLogs.entityId, id)).orderBy(auditLogs.seq);
const eventsOf = (id: string) => host.announced.filter((event) => event.entityId === id).map((event) => event.type);
const create = async (name: string) =>
  createAgent(await host.person("admin"), { name, capabilities: ["read-code"], maxConcurrent: 2 });

test("a new agent gets a token that is shown once and kept as a hash", async () => {
  const { agent, token } = await create("Reader");
  const [stored] = await host.db.orm.select().from(agentTokens).where(eq(agentTokens.agentId, agent.id));
  expect(stored?.hash).toBe(hashToken(token));
  const [audit] = await auditOf(agent.id);
  expect(audit).toMatchObject({ action: "created", actorName: "Test admin", entityLabel: "Reader" });
  expect(eventsOf(agent.id)).toEqual(["agent_created"]);
  const everything = JSON.stringify([
    await host.db.query("select * from agent_tokens"),
    await host.db.query("select * from audit_logs"),
    await host.db.query("select * from events"),
    await host.db.query("select * from idempotency_keys"),
  ]);
  expect(everything).not.toContain(token);
});

test("two agents cannot share a name, whatever its case", async () => {
  await create("Twin");
  await expect(create("TWIN")).rejects.toMatchObject({ reason: "name_taken" });
  const { agent } = await create("Other");
  const admin = await host.person("admin");
  await expect(updateAgent(admin, { id: agent.id, name: "twin" })).rejects.toMatchObject({ reason: "name_taken" });
});

test("an update records only what changed", async () => {
  const { agent } = await create("Changer");
  const admin = await host.person("admin");
  const after = await updateAgent(admin, { id: agent.id, maxConcurrent: 5, capabilities: ["read-code"] });
  expect(after).toMatchObject({ maxConcurrent: 5, revision: agent.revision + 1 });
  const audit = await auditOf(agent.id);
  expect(audit.at(-1)).toMatchObject({ action: "updated", changes: { maxConcurrent: { before: 2, after: 5 } } });
  await updateAgent(admin, { id: agent.id, maxConcurrent: 5 });
  expect(await auditOf(agent.id)).toHaveLength(2);
});

test("pausing, draining and resuming are recorded once each", async () => {
  const { agent } = await create("Steered");
  const admin = await host.person("admin");
  await pauseAgent(admin, { id: agent.id });
  await pauseAgent(admin, { id: agent.id });
  await drainAgent(admin, { id: agent.id });
  expect((await resumeAgent(admin, { id: agent.id })).desiredState).toBe("active");
  expect((await auditOf(agent.id)).map((row) => row.action)).toEqual(["created", "paused", "drained", "resumed"]);
  expect(eventsOf(agent.id)).toEqual(["agent_created", "agent_update", "agent_update", "agent_update"]);
});

test("rotating a token ends the old one at once, or after the overlap", async () => {
  const { agent } = await create("Rotated");
  const admin = await host.person("admin");
  await rotateToken(admin, { id: agent.id, overlapMinutes: 10 });
  const [newer, older] = await listTokens(admin, { id: agent.id });
  expect(newer).toMatchObject({ expiresAt: null, revokedAt: null });
  expect(older?.revokedAt).toBeNull();
  expect(older?.expiresAt?.getTime()).toBeGreaterThan(Date.now());
  expect(older).not.toHaveProperty("hash");

  await rotateToken(admin, { id: agent.id, overlapMinutes: 0 });
  const revoked = (await listTokens(admin, { id: agent.id })).map((token) => token.revokedAt !== null);
  expect(revoked).toEqual([false, true, true]);
  expect((await auditOf(agent.id)).at(-1)?.action).toBe("token_rotated");
});

test("the status is derived as it is read: offline when unseen, busy when full, else online", async () => {
  const agent = await host.agent("Derived", ["derived"], 1);
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { requiredCapabilities: ["derived"] });
  expect((await readMe(agent)).status).toBe("online");
  await claimTasks(agent, { max: 1, waitMs: 0 });
  const busy = await readAgent(agent, { id: agent.actor.id });
  expect(busy).toMatchObject({ status: "busy", liveRuns: 1 });
  expect(busy.liveTasks.map((one) => one.id)).toEqual([task.id]);
  await host.db.query("update agents set last_seen = now() - interval '1 minute' where id = $1", [agent.actor.id]);
  const offline = await listAgents(agent, { status: "offline", search: "derived", archived: false, limit: 50 });
  expect(offline.items.map((one) => one.name)).toEqual(["Derived"]);
});

test("agents are listed by name in pages without a gap", async () => {
  const all = await listAgents(await host.person(), { archived: false, limit: 200 });
  const names: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listAgents(await host.person(), { archived: false, limit: 2, cursor });
    names.push(...page.items.map((agent) => agent.name));
    cursor = page.nextCursor;
  } while (cursor);
  expect(names).toEqual(all.items.map((agent) => agent.name));
});

test("an agent that works is archived only when one insists; its tasks go back and its tokens end", async () => {
  const agent = await host.agent("Retiring", ["retire"]);
  const admin = await host.person("admin");
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { requiredCapabilities: ["retire"] });
  await claimTasks(agent, { max: 1, waitMs: 0 });
  await expect(archiveAgent(admin, { id: agent.actor.id, force: false })).rejects.toMatchObject({
    reason: "has_live_run",
    data: { liveRuns: 1 },
  });
  await archiveAgent(admin, { id: agent.actor.id, force: true });
  const [after] = await host.db.orm.select().from(tasks).where(eq(tasks.id, task.id));
  expect(after).toMatchObject({ status: "pending", currentRunId: null, attempt: 0 });
  const runs = await listAgentRuns(admin, { id: agent.actor.id, limit: 50 });
  expect(runs.items.map((run) => run.outcome)).toEqual(["released"]);
  expect((await listTokens(admin, { id: agent.actor.id })).every((token) => token.revokedAt)).toBe(true);
  expect((await auditOf(agent.actor.id)).at(-1)?.action).toBe("archived");
  await expect(pauseAgent(admin, { id: agent.actor.id })).rejects.toMatchObject({ reason: "terminal" });
  expect((await create("retiring")).agent.name).toBe("retiring");
});

test("what was kept for an agent that is archived goes to whoever can do it, also when it is retried later", async () => {
  const retired = await host.agent("Favourite");
  const [person, admin] = [await host.person(), await host.person("admin")];
  const workflow = await addWorkflow(host.db);
  const wish = { assignedAgentId: retired.actor.id };
  const waiting = await addTask(host.db, workflow.id, wish);
  const failed = await addTask(host.db, workflow.id, { ...wish, status: "failed" });
  const other = await addTask(host.db, workflow.id, { name: "Runs on" });
  await archiveAgent(admin, { id: retired.actor.id, force: false });

  const traces = await auditOf(waiting.id);
  expect(traces.at(-1)).toMatchObject({
    action: "assigned",
    reason: "Favourite was archived",
    changes: { assignedAgentId: { before: retired.actor.id, after: null } },
  });
  const retried = await retryTask(person, { id: failed.id });
  expect(retried.assignedAgentId).toBeNull();
  const claims = await claimTasks(await host.agent(undefined, [], 3), { max: 3, waitMs: 0, workflowId: workflow.id });
  expect(claims.map(({ task }) => task.id).toSorted()).toEqual([waiting.id, failed.id, other.id].toSorted());
  await expect(assignTask(person, { id: other.id, agentId: retired.actor.id })).rejects.toThrow("no such agent");
});

testOnPostgres("a task that is being kept for an agent while that is archived is not left to it", async () => {
  const agent = await host.agent("Leaving");
  const [person, admin] = [await host.person(), await host.person("admin")];
  const workflow = await addWorkflow(host.db);
  for (let round = 0; round < 10; round++) {
    await host.db.query("update agents set archived_at = null where id = $1", [agent.actor.id]);
    const task = await addTask(host.db, workflow.id);
    await Promise.allSettled([
      assignTask(person, { id: task.id, agentId: agent.actor.id }),
      archiveAgent(admin, { id: agent.actor.id, force: false }),
    ]);
    const [row] = await host.db.query("select assigned_agent_id from tasks where id = $1", [task.id]);
    expect(row).toEqual({ assigned_agent_id: null });
  }
});

test("the record is recounted from the runs; cancelled and released ones do not count", async () => {
  const agent = await host.agent("Counted", ["count"]);
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, { requiredCapabilities: ["count"] });
  await tallyRuns(host.db);
  expect(await readMe(agent)).toMatchObject({ totalTasks: 0, successRate: null });
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0 });
  if (!claim) throw new Error("There was a task to claim");
  const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };
  await failRun(agent, { ...lease, error: "No", retryable: true });
  const add = (outcome: string) =>
    host.db.query(
      `insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at, ended_at, outcome)
       values (gen_random_uuid(), $1, $2, 2, gen_random_uuid(), now(), now(), $3)`,
      [task.id, agent.actor.id, outcome],
    );
  for (const outcome of ["succeeded", "succeeded", "succeeded", "cancelled", "released"]) await add(outcome);
  await tallyRuns(host.db);
  expect(await readMe(agent)).toMatchObject({ totalTasks: 4, failedTasks: 1, successRate: 0.75 });

  const metrics = await readAgentMetrics(agent, { id: agent.actor.id });
  expect(metrics).toMatchObject({ n: 4, successRate: 0.75, outcomes: { succeeded: 3, failed: 1, cancelled: 1 } });
  expect(metrics.days).toHaveLength(7);
  expect(metrics.days.at(-1)).toMatchObject({ succeeded: 3, failed: 1 });
  const [row] = await host.db.orm.select().from(agents).where(eq(agents.id, agent.actor.id));
  expect(row?.lastError).toBe("No");
});
