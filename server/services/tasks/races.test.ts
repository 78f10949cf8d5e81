import { afterAll, beforeAll, expect, test } from "bun:test";
import { boardStatuses } from "../../../db/enums.ts";
import type { AgentCtx, Ctx } from "../context.ts";
import { DomainError } from "../errors.ts";
import { completeRun } from "../runs/complete.ts";
import { type TestHost, testHost } from "../testing.ts";
import { findWorkflow } from "../workflows/find.ts";
import { pauseWorkflow, resumeWorkflow } from "../workflows/pause.ts";
import { claimTasks } from "./claim.ts";
import { createTask, createTaskInput } from "./create.ts";
import { moveTask, moveTaskInput } from "./move.ts";
import { sampleWorkflow } from "./samples.ts";
import { updateTask, updateTaskInput } from "./update.ts";

let host: TestHost;
let ctx: Ctx;
beforeAll(async () => {
  host = await testHost();
  ctx = await host.person();
});
afterAll(() => host.close());

const anyOf = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)];

/** A refusal is a fine answer here; a fault, such as a deadlock that reaches the caller, is not. */
const unlessRefused = (error: unknown) => {
  if (!(error instanceof DomainError)) throw error;
};

test("people and agents that change everything at once leave every count and every lease true", async () => {
  const tasks = Array.from({ length: 30 }, (_, i) => ({ key: `${i}`, dependsOn: i > 4 ? [`${i - 4}`] : [] }));
  const { workflow } = await sampleWorkflow(ctx, tasks);
  const ids = workflow.tasks.map((task) => task.id);
  const changes = [
    () =>
      moveTask(ctx, moveTaskInput.parse({ id: anyOf(ids), status: anyOf(boardStatuses), force: anyOf([true, false]) })),
    () => moveTask(ctx, moveTaskInput.parse({ id: anyOf(ids), status: "completed", afterId: anyOf(ids) })),
    () => updateTask(ctx, updateTaskInput.parse({ id: anyOf(ids), dependsOn: [anyOf(ids), anyOf(ids)] })),
    () => createTask(ctx, createTaskInput.parse({ workflowId: workflow.id, name: "More", dependsOn: [anyOf(ids)] })),
    () => pauseWorkflow(ctx, { id: workflow.id }),
    () => resumeWorkflow(ctx, { id: workflow.id }),
  ];
  const person = async () => {
    for (let i = 0; i < 40; i++) await anyOf(changes)?.().catch(unlessRefused);
  };
  const agent = async (by: AgentCtx) => {
    for (let i = 0; i < 40; i++) {
      for (const { run } of await claimTasks(by, { max: 2, waitMs: 0, workflowId: workflow.id })) {
        await completeRun(by, { runId: run.id, leaseToken: run.leaseToken, claimNext: false }).catch(unlessRefused);
      }
    }
  };
  const agents = await Promise.all([1, 2, 3].map(() => host.agent(undefined, [], 5)));
  await Promise.all([person(), person(), person(), person(), ...agents.map(agent)]);
  await host.background.drain();

  expect(await miscounted(workflow.id)).toEqual([]);
  expect(await leasesUnderFinished()).toBe(0);
  const { taskCounts } = await findWorkflow(host.db, workflow.id);
  for (const status of boardStatuses) expect(await countOf(workflow.id, status)).toBe(taskCounts[status]);
}, 60_000);

/** Pending tasks whose kept figures differ from what the rows around them say. */
async function miscounted(workflowId: string): Promise<string[]> {
  const rows = await host.db.query<{ id: string }>(
    `select t.id from tasks t join workflows w on w.id = t.workflow_id
     cross join lateral (
       select count(*) as unmet from task_dependencies d join tasks p on p.id = d.depends_on_id
       where d.task_id = t.id and p.status <> 'completed'
     ) r
     where t.workflow_id = $1 and t.status = 'pending'
       and (t.unmet_dependencies <> r.unmet or t.ready <> (r.unmet = 0 and w.status = 'running'))`,
    [workflowId],
  );
  return rows.map((row) => row.id);
}

async function leasesUnderFinished(): Promise<number> {
  const rows = await host.db.query(
    `select r.id from task_runs r join tasks t on t.id = r.task_id
     where r.ended_at is null and t.status <> 'in_progress'`,
  );
  return rows.length;
}

async function countOf(workflowId: string, status: string): Promise<number> {
  const rows = await host.db.query(
    "select id from tasks where workflow_id = $1 and status = $2 and deleted_at is null",
    [workflowId, status],
  );
  return rows.length;
}
