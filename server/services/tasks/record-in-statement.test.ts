import { afterAll, beforeAll, expect, test } from "bun:test";
import { camelCased } from "../../../db/rows.ts";
import type { AuditChanges } from "../../../db/schema/index.ts";
import { eventColumns, type StoredEvent } from "../../realtime/events.ts";
import { changedFields } from "../changed-fields.ts";
import { completeRun } from "../runs/complete.ts";
import { serialize } from "../serialize.ts";
import { type TestHost, testHost } from "../testing.ts";
import { claimTasks } from "./claim.ts";
import { createTask, createTaskInput } from "./create.ts";
import type { TaskRow } from "./task-row.ts";
import { addTask, addWorkflow } from "./testing.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

/** Everything that a row can hold, with what JSON and SQL might trip over. */
const full = {
  name: `"Quotes", 'ticks', \\ and – dashes\u2028`,
  description: "Two\nlines\tand <b>ünïcode</b> 🦊",
  priority: "high",
  dueDate: "2031-02-03",
  labels: ["one", "two"],
  requiredCapabilities: ["read"],
  input: { deep: [1.5, -0.25, { "a.b": null, text: "é" }], flag: true },
  maxAttempts: 4,
  timeoutSeconds: 90,
  queueTtlSeconds: 600,
};

async function rowOf(id: string): Promise<TaskRow> {
  const [row] = await host.db.query<object>("select * from tasks where id = $1", [id]);
  return camelCased<TaskRow>(row ?? {});
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

/** The last audit row and event of a task, and the event as subscribers were told of it. */
async function lastRecord(id: string) {
  const [audit] = await host.db.query<{
    action: string;
    label: string;
    revision: number;
    changes: AuditChanges;
    actor: string;
  }>(
    `select action, entity_label as label, revision, changes, actor_type || ' ' || actor_name as actor from audit_logs
     where entity_id = $1 order by seq desc limit 1`,
    [id],
  );
  const [event] = await host.db.query<object>(
    `select ${eventColumns} from events where entity_id = $1 order by seq desc limit 1`,
    [id],
  );
  const stored = camelCased<StoredEvent>(event ?? {});
  const told = host.announced.findLast(({ entityId }) => entityId === id);
  return { audit, stored, told };
}

/** The row is told as `recordTask` would have written it, to the table and to subscribers alike. */
async function expectToldAs(
  id: string,
  type: string,
): Promise<{ row: TaskRow; changes: AuditChanges; action: string }> {
  const row = await rowOf(id);
  const { audit, stored, told } = await lastRecord(id);
  const { json, meta } = serialize(row);
  expect(JSON.parse(stored.json)).toEqual(asJson(json));
  expect(JSON.parse(stored.meta ?? "null")).toEqual(asJson(meta));
  expect(stored).toMatchObject({ type, channel: "tasks", entityId: id, workflowId: row.workflowId, taskId: id });
  expect({ ...told, json: asJson(JSON.parse(told?.json ?? "")), meta: JSON.parse(told?.meta ?? "") }).toEqual({
    ...stored,
    json: JSON.parse(stored.json),
    meta: JSON.parse(stored.meta ?? ""),
  });
  expect(audit).toMatchObject({ label: `T-${row.number} ${row.name}`, revision: row.revision });
  expect(stored.revision).toBe(row.revision);
  return { row, changes: audit?.changes ?? {}, action: audit?.action ?? "" };
}

test("a new task is recorded with all that it holds", async () => {
  const workflow = await addWorkflow(host.db);
  const person = await host.person();
  const created = await createTask(person, createTaskInput.parse({ workflowId: workflow.id, ...full }));
  const { row, changes, action } = await expectToldAs(created.id, "task_created");
  expect(action).toBe("created");
  expect(created).toEqual(row);
  expect(changes).toEqual(asJson(changedFields(null, row)));
});

test("a claim and a completion are recorded with what they changed, and nothing else", async () => {
  const workflow = await addWorkflow(host.db);
  const task = await addTask(host.db, workflow.id, full as object);
  const agent = await host.agent("Reader", ["read"]);
  const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id });
  if (!claim) throw new Error("Nothing was claimed");

  const claimed = await expectToldAs(task.id, "task_update");
  expect(claim.task).toEqual(claimed.row);
  expect(claimed.action).toBe("claimed");
  const before = { status: "pending", agentId: null, attempt: 0, currentRunId: null };
  const { status, agentId, attempt, currentRunId } = claimed.row;
  expect(claimed.changes).toEqual(asJson(changedFields(before, { status, agentId, attempt, currentRunId })));

  const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };
  await completeRun(agent, { ...lease, result: { "it's": ["done", 1e3] }, summary: 'All "read"', claimNext: false });
  const completed = await expectToldAs(task.id, "task_update");
  expect(completed.action).toBe("completed");
  const open = { ...completed.row, status: "in_progress", progress: 0, result: null, summary: null, completedAt: null };
  expect(completed.changes).toEqual(asJson(changedFields(open, completed.row)));
});

test("the second attempt of the same agent does not say that the agent changed", async () => {
  const workflow = await addWorkflow(host.db);
  const agent = await host.agent();
  const task = await addTask(host.db, workflow.id, { agentId: agent.actor.id, attempt: 1 });
  await claimTasks(agent, { max: 1, waitMs: 0, workflowId: workflow.id });
  const { changes } = await expectToldAs(task.id, "task_update");
  expect(Object.keys(changes).toSorted()).toEqual(["attempt", "currentRunId", "status"]);
});
