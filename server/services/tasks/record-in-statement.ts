import { getTableColumns } from "drizzle-orm";
import { PgTimestamp } from "drizzle-orm/pg-core";
import { tasks } from "../../../db/schema/index.ts";
import type { StoredEvent } from "../../realtime/events.ts";
import { bookkeeping } from "../changed-fields.ts";
import type { TaskRow } from "./task-row.ts";

/**
 * What `recordTask` does, inside the statement that changes the tasks: for hot paths, where writing rows out, comparing them
 * and sending them back cost more than the change itself. Both must make the same audit rows and events; a test compares them.
 */
const columns = Object.entries(getTableColumns(tasks)).map(([field, column]) => ({
  field,
  column: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  isTime: column instanceof PgTimestamp,
}));
const times = columns.filter(({ isTime }) => isTime);

const isoTime = (time: string) => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** SQL: a task as JSON, named and written as the row is in TypeScript. */
export const taskJson = (task: string) => {
  const values = columns.map(({ field, column, isTime }) => {
    const value = `${task}.${column}`;
    return `${isTime ? isoTime(value) : value} as "${field}"`;
  });
  return `row_to_json((select fields from (select ${values.join(", ")}) fields))::text`;
};

/** SQL: superjson's notes on a task's types. */
const taskMeta = (task: string) => {
  const notes = times.map(
    ({ field, column }) => `case when ${task}.${column} is not null then '"${field}":["Date"]' end`,
  );
  return `'{"values":{' || concat_ws(',', ${notes.join(", ")}) || '},"v":1}'`;
};

/** SQL: the audit log's changes, of fields that have changed for certain and of those that may have. */
export function changesOf(certain: Record<string, Values>, possible: Record<string, Values> = {}): string {
  const beforeAfter = ({ before, after }: Values) => `jsonb_build_object('before', ${before}, 'after', ${after})`;
  const always = Object.entries(certain).map(([field, values]) => `'${field}', ${beforeAfter(values)}`);
  const sometimes = Object.entries(possible).map(
    ([field, values]) =>
      `case when ${values.before} is distinct from ${values.after} then jsonb_build_object('${field}', ${beforeAfter(values)}) else '{}' end`,
  );
  return [`jsonb_build_object(${always.join(", ")})`, ...sometimes].join(" || ");
}

interface Values {
  before: string;
  after: string;
}

/** SQL: the time as the audit log has it. */
export const auditTime = isoTime;

/** SQL: the audit log's changes of a task that is new: all that it holds. */
export const newFields = `(
  select coalesce(jsonb_object_agg(key, jsonb_build_object('after', value)), '{}')
  from jsonb_each(json::jsonb - array[${[...bookkeeping].map((field) => `'${field}'`).join(", ")}]) where value <> 'null'
)`;

/**
 * SQL: the steps `recorded`, `audited` and `announced`, which write an audit row and an event for every row of the step `from`: a
 * task's columns as they are now, and `by_type`, `by_id`, `by_name` and `request_id` of whoever did it. End the statement
 * with `select ${recordedColumns}, … from ${recordedRows}`.
 */
export const recordSteps = ({ from, action, event = "task_update", changes }: Recording) => `
recorded as materialized (
  select ${from}.*, ${taskJson(from)} as json, ${taskMeta(from)} as meta from ${from}
), audited as (
  insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_id,
    actor_name, changes, request_id)
  select 'task', id, revision, 'T-' || number || ' ' || name, workflow_id, id, '${action}', by_type, by_id, by_name, ${changes}, request_id
  from recorded
), announced as (
  insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data)
  select '${event}', 'tasks', id, workflow_id, id, revision, by_type, by_id, by_name,
    ('{"json":' || json || ',"meta":' || meta || '}')::json
  from recorded
  returning entity_id, type, channel, actor_type, actor_id, actor_name, seq, at
)`;

interface Recording {
  from: string;
  action: string;
  event?: "task_created" | "task_update";
  changes: string;
}

export const recordedColumns = `recorded.id, recorded.workflow_id, recorded.revision, recorded.json, recorded.meta,
  announced.type, announced.channel, announced.actor_type, announced.actor_id, announced.actor_name, announced.seq, announced.at`;
export const recordedRows = "recorded join announced on announced.entity_id = recorded.id";

/** What `recordedColumns` brings. */
export type RecordedTask = Pick<StoredEvent, "type" | "channel" | "revision" | "json" | "meta" | "seq" | "at"> & {
  id: string;
  workflow_id: string;
  actor_type: StoredEvent["actorType"];
  actor_id: string | null;
  actor_name: string;
};

/** The event that was written, for `record.written`. */
export const writtenEvent = (row: RecordedTask): StoredEvent => ({
  seq: row.seq,
  at: row.at,
  type: row.type,
  channel: row.channel,
  entityId: row.id,
  workflowId: row.workflow_id,
  taskId: row.id,
  revision: row.revision,
  actorType: row.actor_type,
  actorId: row.actor_id,
  actorName: row.actor_name,
  json: row.json,
  meta: row.meta,
});

/** The task out of its JSON. */
export function taskOf({ json }: Pick<RecordedTask, "json">): TaskRow {
  const task = JSON.parse(json);
  for (const { field } of times) if (task[field] !== null) task[field] = new Date(task[field]);
  return task;
}
