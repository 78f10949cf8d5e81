import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { AgentCtx, Ctx } from "../context.ts";
import { createSuggestion } from "../suggestions/create.ts";
import { type TestHost, testHost } from "../testing.ts";
import { cancelWorkflow } from "../workflows/cancel.ts";
import { pauseWorkflow } from "../workflows/pause.ts";
import { removeWorkflow } from "../workflows/remove.ts";
import { assignTask } from "./assign.ts";
import { boardInput, readBoard } from "./board.ts";
import { cancelTask } from "./cancel.ts";
import { explainTask } from "./explain.ts";
import { findTask } from "./find.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import type { ReasonCode } from "./reason.ts";
import { removeTask } from "./remove.ts";
import { claimOne, sampleWorkflow } from "./samples.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
beforeEach(async () => {
  await host.db.query("update task_runs set ended_at = now(), outcome = 'released' where ended_at is null");
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

type Sample = Parameters<typeof sampleWorkflow>[1][number];

/** A workflow of the task that is asked about, "it", and of these others. */
async function sample(it: Omit<Sample, "key"> = {}, others: Sample[] = [], more: Record<string, unknown> = {}) {
  const { workflow, id } = await sampleWorkflow(ctx, [...others, { key: "it", ...it }], more);
  return { workflow, id, it: id("it") };
}

const set = (table: "tasks" | "agents" | "workflows" | "task_runs", id: string, values: string) =>
  host.db.query(`update ${table} set ${values} where id = $1`, [id]);

/** An agent as it is after this; busy ones work on a task elsewhere. */
async function agentThat(
  is: "is free" | "is offline" | "is paused" | "is busy",
  capabilities: string[] = [],
): Promise<AgentCtx> {
  const agent = await host.agent(`${is.slice(3)}-${crypto.randomUUID().slice(0, 8)}`, capabilities);
  if (is === "is offline") await set("agents", agent.actor.id, "status = 'offline'");
  if (is === "is paused") await set("agents", agent.actor.id, "desired_state = 'paused'");
  if (is === "is busy") {
    const elsewhere = await sampleWorkflow(ctx, [{ key: "elsewhere" }]);
    await claimOne(agent, elsewhere.workflow.id);
  }
  return agent;
}

/** The task is kept for an agent that is then changed. */
async function keptFor(is: Parameters<typeof agentThat>[0], needs: string[] = []): Promise<string> {
  const { it } = await sample({ requiredCapabilities: needs });
  await assignTask(ctx, { id: it, agentId: (await agentThat(is)).actor.id });
  return it;
}

async function withAgents(...all: Parameters<typeof agentThat>[0][]): Promise<string> {
  for (const is of all) await agentThat(is, ["ocr"]);
  return (await sample({ requiredCapabilities: ["ocr"] })).it;
}

interface Case {
  when: string;
  /** Brings it about; answers with the task. */
  make(): Promise<string>;
  says: RegExp;
  moving?: true;
  /** Also before the first one. */
  after?: ReasonCode;
}

const time = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC";

const cases: Record<ReasonCode, Case[]> = {
  deleted: [
    {
      when: "it is in the bin",
      async make() {
        const { it } = await sample();
        await removeTask(ctx, { id: it, force: false });
        return it;
      },
      says: /^It is in the bin\. Restore it first\.$/,
    },
  ],
  completed: [
    {
      when: "somebody completed it",
      make: async () => (await move({ id: (await sample()).it, status: "completed" })).id,
      says: /^It was completed by Test operator\.$/,
    },
  ],
  failed: [
    {
      when: "it failed",
      make: async () => (await move({ id: (await sample()).it, status: "failed", reason: "The source is gone" })).id,
      says: /^It failed: The source is gone$/,
    },
  ],
  cancelled: [
    {
      when: "somebody cancelled it",
      make: async () => (await cancelTask(ctx, { id: (await sample()).it })).id,
      says: /^It was cancelled by Test operator\. Retry it to bring it back\.$/,
    },
  ],
  leased: [
    {
      when: "an agent works on it",
      async make() {
        const { workflow, it } = await sample();
        await claimOne(await host.agent("reader-1"), workflow.id);
        return it;
      },
      says: new RegExp(`^reader-1 works on it \\(attempt 1 of 3\\), lease until ${time}\\.$`),
      moving: true,
    },
    {
      when: "an agent holds it and gives no sign of life",
      async make() {
        const { workflow, it } = await sample();
        const { run } = await claimOne(await host.agent("reader-2"), workflow.id);
        await set("task_runs", run.id, "lease_expires_at = now() - interval '1 second'");
        return it;
      },
      says: new RegExp(`^reader-2 gave no sign of life, and its lease ended at ${time}\\.`),
      moving: true,
    },
  ],
  taken: [
    {
      when: "a person took it",
      make: async () => (await move({ id: (await sample()).it, status: "in_progress" })).id,
      says: /^Test operator took it by hand\. Agents leave it alone\.$/,
      moving: true,
    },
  ],
  unheld: [
    {
      when: "it is in progress and nobody holds it",
      async make() {
        const { it } = await sample();
        await set("tasks", it, "status = 'in_progress'");
        return it;
      },
      says: /^It is in progress, but nobody holds it\. Move it to Pending/,
    },
  ],
  decision: [
    {
      when: "it is under way and its agent asks",
      async make() {
        const { workflow, it } = await sample();
        const agent = await host.agent();
        await claimOne(agent, workflow.id);
        await createSuggestion(agent, { taskId: it, action: "Ask" });
        return it;
      },
      says: new RegExp(`^Waits for a decision since ${time}\\.$`),
    },
    {
      when: "it is pending and two agents ask",
      async make() {
        const { it } = await sample();
        for (const agent of [await host.agent(), await host.agent()]) {
          await createSuggestion(agent, { taskId: it, action: "Ask" });
        }
        return it;
      },
      says: new RegExp(`^Waits for 2 decisions, the first since ${time}\\.$`),
      moving: true,
    },
  ],
  dependency: [
    {
      when: "it waits for one task",
      make: async () => (await sample({ dependsOn: ["a"] }, [{ key: "a" }])).it,
      says: /^Waits for: a$/,
    },
    {
      when: "it waits for two tasks",
      make: async () => (await sample({ dependsOn: ["a", "b"] }, [{ key: "a" }, { key: "b" }])).it,
      says: /^Waits for 2 tasks, first: a$/,
    },
    {
      when: "the second of the tasks that it waits for has failed",
      async make() {
        const { id, it } = await sample({ dependsOn: ["a", "b"] }, [{ key: "a" }, { key: "b" }]);
        await move({ id: id("b"), status: "failed" });
        return it;
      },
      says: /^Waits for 2 tasks, first: b, which has failed\. It will not start by itself: retry that task, or/,
    },
    {
      when: "what it waits for was cancelled",
      async make() {
        const { id, it } = await sample({ dependsOn: ["a"] }, [{ key: "a" }]);
        await cancelTask(ctx, { id: id("a") });
        return it;
      },
      says: /^Waits for: a, which was cancelled\. It will not start by itself: retry that task, or/,
    },
  ],
  workflow_paused: [
    {
      when: "its workflow is paused",
      async make() {
        const { workflow, it } = await sample();
        await pauseWorkflow(ctx, { id: workflow.id });
        return it;
      },
      says: new RegExp(`^Its workflow was paused by Test operator at ${time}\\. Resume it to go on\\.$`),
    },
  ],
  workflow_not_running: [
    {
      when: "its workflow is a draft",
      make: async () => (await sample({}, [], { status: "draft" })).it,
      says: /^Its workflow is still a draft\. Resume it to begin\.$/,
    },
    {
      when: "its workflow has failed",
      async make() {
        const { id, it } = await sample({}, [{ key: "a" }], { failurePolicy: "fail_fast" });
        await move({ id: id("a"), status: "failed" });
        return it;
      },
      says: /^Its workflow has failed: T-\d+ a failed\. Retry it to go on\.$/,
    },
    {
      when: "its workflow is cancelled",
      async make() {
        const { workflow, it } = await sample();
        await cancelWorkflow(ctx, { id: workflow.id });
        await set("tasks", it, "status = 'pending'");
        return it;
      },
      says: /^Its workflow is cancelled\. Retry it to bring it back\.$/,
    },
    {
      when: "its workflow has not been rolled up since it was added",
      async make() {
        const { workflow, it } = await sample();
        await host.background.drain();
        await set("workflows", workflow.id, "status = 'completed'");
        return it;
      },
      says: /^Its workflow is still marked completed\. It opens again by itself/,
    },
    {
      when: "its workflow is in the bin",
      async make() {
        const { workflow, it } = await sample();
        await removeWorkflow(ctx, { id: workflow.id, force: false });
        return it;
      },
      says: /^Its workflow is in the bin\. Restore it first\.$/,
    },
  ],
  back_off: [
    {
      when: "it waits for its next try",
      async make() {
        const { it } = await sample();
        await set("tasks", it, "queue_after = now() + interval '1 minute', attempt = 1");
        return it;
      },
      says: new RegExp(`^Next try at ${time} \\(attempt 2 of 3\\)\\.$`),
    },
  ],
  queue_time_out: [
    {
      when: "it is ready, but not for ever",
      async make() {
        await agentThat("is free");
        return (await sample({ queueTtlSeconds: 600 })).it;
      },
      says: new RegExp(`^It fails at ${time} unless an agent takes it before\\.$`),
      moving: true,
      after: "ready",
    },
  ],
  assigned_agent: [
    {
      when: "it is kept for an agent that is offline",
      make: () => keptFor("is offline"),
      says: /^It is kept for offline-\w+, which is offline\.$/,
    },
    {
      when: "it is kept for an agent that is paused",
      make: () => keptFor("is paused"),
      says: /^It is kept for paused-\w+, which is paused\.$/,
    },
    {
      when: "it is kept for an agent that is busy",
      make: () => keptFor("is busy"),
      says: /^It is kept for busy-\w+, which is busy, 1 of 1\.$/,
    },
    {
      when: "it is kept for an agent that cannot do it",
      make: () => keptFor("is free", ["ocr"]),
      says: /^It is kept for free-\w+, which lacks the capability ocr\. Assign another agent\.$/,
    },
    {
      when: "it is kept for an agent that is archived",
      async make() {
        const it = await keptFor("is free");
        await host.db.query("update agents set archived_at = now()");
        return it;
      },
      says: /^It is kept for free-\w+, which is archived\. Assign another agent\.$/,
    },
  ],
  no_capable_agent: [
    {
      when: "there is no agent",
      make: async () => (await sample()).it,
      says: /^No agent is registered\. Connect one\.$/,
    },
    {
      when: "no agent can do it",
      async make() {
        await agentThat("is free", ["ocr"]);
        return (await sample({ requiredCapabilities: ["ocr", "read", "write"] })).it;
      },
      says: /^No agent has the capabilities ocr, read and write\. Connect one, or change what the task needs\.$/,
    },
  ],
  agents_offline: [
    {
      when: "the agent that can do it is offline",
      make: () => withAgents("is offline"),
      says: /^No online agent has the capability ocr\. offline-\w+ has it, but is offline\.$/,
    },
    {
      when: "the agents that can do it are offline",
      make: () => withAgents("is offline", "is offline"),
      says: /^No online agent has the capability ocr\. 2 agents have it, all offline\.$/,
    },
  ],
  agents_not_accepting: [
    {
      when: "the agent that can do it is paused",
      make: () => withAgents("is paused"),
      says: /^paused-\w+, the only agent that can do it, is paused or draining\.$/,
    },
    {
      when: "of those that can do it some are paused and the others offline",
      make: () => withAgents("is paused", "is paused", "is offline"),
      says: /^Of 3 agents that can do it, 2 are paused or draining and 1 is offline\.$/,
    },
  ],
  agents_busy: [
    {
      when: "the agent that can do it is busy",
      make: () => withAgents("is busy"),
      says: /^busy-\w+, the only agent that can do it, is busy\. It is taken when one is free\.$/,
    },
    {
      when: "all that can do it are busy",
      make: () => withAgents("is busy", "is busy"),
      says: /^All 2 agents that can do it are busy\. It is taken when one is free\.$/,
    },
    {
      when: "one that can do it is busy and others are offline or paused",
      make: () => withAgents("is busy", "is paused", "is offline", "is offline"),
      says: /^Of 4 agents that can do it, 1 is busy, 1 is paused or draining and 2 are offline\. It is taken/,
    },
  ],
  ready: [
    {
      when: "an agent is free for it",
      make: () => withAgents("is busy", "is free"),
      says: /^It is ready: the next free agent that can do it takes it\.$/,
      moving: true,
    },
  ],
};

for (const [code, list] of Object.entries(cases) as [ReasonCode, Case[]][]) {
  for (const { when, make, says, moving = false, after } of list) {
    test(`${code}: ${when}; its card says the same`, async () => {
      if (moving && code === "decision") await agentThat("is free");
      const id = await make();
      const { moving: isMoving, reasons } = await explainTask(ctx, { id });
      const [reason] = reasons.filter((one) => one.code !== after);
      expect({ code: reason?.code, moving: isMoving }).toEqual({ code, moving });
      expect(reason?.sentence).toMatch(says);

      const { workflowId, status } = await findTask(host.db, id);
      const { columns } = await readBoard(ctx, boardInput.parse({ workflowId }));
      const card = Object.values(columns)
        .flatMap(({ items }) => items)
        .find((one) => one.id === id);
      const isOpen = status === "pending" || status === "in_progress";
      const { data = {}, ...said } = reason ?? {};
      const times = Object.values(data).filter((value) => value instanceof Date);
      if (card) expect<unknown>(card.reason).toEqual(isOpen ? { ...said, times } : null);
      else expect(["deleted", "cancelled", "workflow_not_running"]).toContain(code);
    });
  }
}

test("what must be mended first comes first, and all is said", async () => {
  const { workflow, id, it } = await sample({ dependsOn: ["a"], requiredCapabilities: ["ocr"] }, [{ key: "a" }]);
  await pauseWorkflow(ctx, { id: workflow.id });
  await createSuggestion(await host.agent(), { taskId: it, action: "Ask" });
  expect(await explain(it)).toMatchObject({
    moving: false,
    codes: ["decision", "dependency", "workflow_paused", "no_capable_agent"],
    data: { count: 1, since: expect.any(Date) },
  });
  expect((await explain(id("a"))).codes).toEqual(["workflow_paused"]);
});

test("an agent's run under way is told with its data, behind the decision that it waits for", async () => {
  const agent = await host.agent("reader-3");
  const { workflow, it } = await sample();
  const { run } = await claimOne(agent, workflow.id);
  expect(await explain(it)).toMatchObject({ moving: true, data: { agentName: "reader-3", runId: run.id } });
  await createSuggestion(agent, { taskId: it, action: "Ask" });
  expect(await explain(it)).toMatchObject({ moving: false, codes: ["decision", "leased"] });
});
