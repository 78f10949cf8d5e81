import type { Connection } from "../../../db/client.ts";
import { rankOf } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { mutateInStatement, type Recorder } from "../mutate.ts";
import type { TaskFieldsInput } from "./fields.ts";
import { bottomKey } from "./position.ts";
import { newFields, recordedColumns, recordedRows, recordSteps, taskOf } from "./record-in-statement.ts";
import type { TaskRow } from "./task-row.ts";

export interface NewTask extends TaskFieldsInput {
  id: string;
  /** Of the tasks that it depends on, how many are not completed. */
  unmetDependencies: number;
}

/** A task with where it goes and who adds it. */
export interface Addition {
  by: Ctx;
  /** Its row is held. */
  workflow: { id: string; status: string };
  task: NewTask;
}

/** Inserts tasks at the end of Pending, in this order, in one statement. The workflow's row is held. */
export async function insertTasks(
  tx: Connection,
  by: Ctx,
  workflow: Addition["workflow"],
  newTasks: NewTask[],
): Promise<TaskRow[]> {
  const rows = newTasks.map((task) => insertRow({ by, workflow, task }));
  const inserted = await tx.query<object>(insertStatement, [JSON.stringify(rows)]);
  return inserted.map((row) => camelCased<TaskRow>(row)).toSorted((a, b) => a.number - b.number);
}

/** One task, recorded in the same statement. */
export async function insertRecorded(record: Recorder, addition: Addition): Promise<TaskRow> {
  const [row] = await record.inStatement(insertRecordedStatement, [JSON.stringify([insertRow(addition)])]);
  if (!row) throw new Error("An insert answers with its row");
  return taskOf(row);
}

/** Tasks as a whole change, recorded as well, by id. No workflow is held beforehand: one that takes no tasks leaves its own out. */
export async function insertIntoOpen(
  ctx: Ctx,
  additions: { by: Ctx; workflowId: string; task: NewTask }[],
): Promise<Map<string, TaskRow>> {
  const rows = await mutateInStatement(ctx, insertIntoOpenStatement, [
    JSON.stringify(
      additions.map(({ by, workflowId: id, task }) => insertRow({ by, workflow: { id, status: "running" }, task })),
    ),
  ]);
  return new Map(rows.map((row) => [row.id, taskOf(row)]));
}

const insertRow = ({ by, workflow, task }: Addition) => ({
  id: task.id,
  workflow_id: workflow.id,
  name: task.name,
  description: task.description ?? null,
  priority: task.priority ?? "medium",
  queue_rank: rankOf(task.priority ?? "medium"),
  due_date: task.dueDate ?? null,
  labels: task.labels ?? [],
  required_capabilities: task.requiredCapabilities ?? [],
  position: bottomKey(),
  input: task.input ?? task.inputJson ?? null,
  max_attempts: task.maxAttempts ?? 3,
  timeout_seconds: task.timeoutSeconds ?? null,
  queue_ttl_seconds: task.queueTtlSeconds ?? null,
  unmet_dependencies: task.unmetDependencies,
  ready: task.unmetDependencies === 0 && workflow.status === "running",
  created_by_type: by.actor.type,
  created_by_id: by.actor.id,
  created_by_name: by.actor.name,
  request_id: by.requestId,
});

const columns = `id, workflow_id, name, description, priority, queue_rank, due_date, labels, required_capabilities, position,
  input, max_attempts, timeout_seconds, queue_ttl_seconds, unmet_dependencies, ready, created_by_type, created_by_id, created_by_name`;

const handedIn = `rows from (json_to_recordset($1::json) as (
  id uuid, workflow_id uuid, name text, description text, priority text, queue_rank smallint, due_date date,
  labels text[], required_capabilities text[], position text, input jsonb, max_attempts int, timeout_seconds int,
  queue_ttl_seconds int, unmet_dependencies int, ready boolean, created_by_type text, created_by_id uuid, created_by_name text,
  request_id text)) with ordinality`;

const insertStatement = `
insert into tasks (${columns}, queue_expires_at)
select ${columns}, now() + make_interval(secs => queue_ttl_seconds) from ${handedIn}
order by ordinality
returning *`;

const recorded = (insert: string) => `
inserted as (${insert}), t as (
  select inserted.*, created_by_type as by_type, created_by_id as by_id, created_by_name as by_name, new.request_id
  from inserted join (select id, request_id from ${handedIn}) new using (id)
), ${recordSteps({ from: "t", action: "created", event: "task_created", changes: newFields })}
select ${recordedColumns} from ${recordedRows}`;

const insertRecordedStatement = `with ${recorded(insertStatement)}`;

const insertIntoOpenStatement = `
with new as materialized (select * from ${handedIn}), open as materialized (
  select w.id as open_id, w.status = 'running' as runs from workflows w
  where w.id = any(array(select workflow_id from new)) and w.deleted_at is null and w.status <> 'cancelled'
  order by w.id for share
), fit as (
  select ${columns.replace(" ready,", " ready and runs as ready,")}, ordinality from new join open on open_id = workflow_id
), ${recorded(`
insert into tasks (${columns}, queue_expires_at)
select ${columns}, now() + make_interval(secs => queue_ttl_seconds) from fit
order by ordinality
returning *`)}`;

/** Writes "this task depends on that one", once per pair. */
export async function insertEdges(tx: Connection, edges: { taskId: string; dependsOnId: string }[]): Promise<void> {
  if (edges.length === 0) return;
  await tx.query(
    `insert into task_dependencies (task_id, depends_on_id)
     select task_id, depends_on_id from json_to_recordset($1::json) as e(task_id uuid, depends_on_id uuid)
     on conflict do nothing`,
    [JSON.stringify(edges.map((edge) => ({ task_id: edge.taskId, depends_on_id: edge.dependsOnId })))],
  );
}
