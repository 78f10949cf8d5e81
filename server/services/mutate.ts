import type { Connection } from "../../db/client.ts";
import type { EntityType } from "../../db/enums.ts";
import { channelOf, type EventType, type StoredEvent } from "../realtime/events.ts";
import { changedFields } from "./changed-fields.ts";
import type { Ctx } from "./context.ts";
import { type Idempotent, once } from "./idempotency.ts";
import { serialize } from "./serialize.ts";
import { type RecordedTask, writtenEvent } from "./tasks/record-in-statement.ts";

/** One thing that happened to one entity. */
export interface Change {
  /** What subscribers are told; null for what the live pages do not show (users). */
  event: EventType | null;
  entity: EntityType;
  /** The audit log's verb, in the past: created, claimed, moved. False leaves the audit log alone: progress and log lines. */
  action: string | false;
  id: string;
  revision: number;
  before: object | null;
  after: object | null;
  /** What subscribers receive; `after` unless said otherwise. */
  data?: unknown;
  /** The entity's name at this moment, for the audit log. */
  label?: string | undefined;
  workflowId?: string | null | undefined;
  taskId?: string | null | undefined;
  reason?: string | null | undefined;
  /** Who did it, where one transaction carries the changes of many. */
  by?: Pick<Ctx, "actor" | "requestId"> | undefined;
}

export interface Recorder {
  (change: Change): void;
  /** Runs a statement that records its changes by itself (`tasks/record-in-statement.ts`), behind all that was recorded before. */
  inStatement<Row extends RecordedTask>(text: string, params: unknown[]): Promise<Row[]>;
  /** Says that finding nothing to change is a fine answer. */
  nothing(): void;
}

const retryable = new Set(["40001", "40P01"]);

/**
 * The only way to write. The entity, its audit row and its event commit together; after the commit, and only then, the
 * events are announced. Record a change after the write it speaks of: the log's reader relies on a transaction having
 * its id before its events are numbered. With `idempotent`, the same key and body answer as the first call did.
 */
export async function mutate<Result>(
  ctx: Ctx,
  work: (tx: Connection, record: Recorder) => Promise<Result>,
  idempotent?: Idempotent,
): Promise<Result> {
  return retried(() => attemptMutation(ctx, work, idempotent));
}

/**
 * A change that is one statement, which records it by itself (`tasks/record-in-statement.ts`): a transaction of its own, in one trip.
 * Bringing no rows means that nothing was changed.
 */
export async function mutateInStatement<Row extends RecordedTask>(
  ctx: Ctx,
  text: string,
  params: unknown[],
): Promise<Row[]> {
  const rows = await retried(() => ctx.db.writes.query<Row>(text, params));
  if (rows.length > 0) ctx.announce(rows.map(writtenEvent));
  return rows;
}

async function retried<Result>(attemptOnce: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce();
    } catch (error) {
      const code =
        (error as { cause?: { code?: string }; code?: string }).cause?.code ?? (error as { code?: string }).code;
      if (attempt === 3 || !code || !retryable.has(code)) throw error;
    }
  }
}

async function attemptMutation<Result>(
  ctx: Ctx,
  work: (tx: Connection, record: Recorder) => Promise<Result>,
  idempotent?: Idempotent,
): Promise<Result> {
  const { result, stored } = await ctx.db.transaction(async (tx) => {
    const { record, hasRecorded, finish } = recorderOn(tx, ctx);
    const result = idempotent
      ? await once(tx, ctx.actor, idempotent, () => work(tx, record), record.nothing)
      : await work(tx, record);
    if (!hasRecorded()) throw new Error("A mutation recorded nothing");
    // Not awaited: COMMIT goes out right behind it, and takes nothing into effect should it have failed.
    return { result, stored: attempted(finish()) };
  });
  const events = await stored();
  if (events.length > 0) ctx.announce(events);
  return result;
}

function recorderOn(tx: Connection, ctx: Ctx) {
  let changes: Change[] = [];
  let isFine = false;
  const events: StoredEvent[] = [];
  const flush = async () => {
    const recorded = changes;
    changes = [];
    events.push(...(await write(tx, ctx, recorded)));
  };
  const record: Recorder = Object.assign(
    (change: Change) => {
      isFine = true;
      changes.push(change);
    },
    {
      async inStatement<Row extends RecordedTask>(text: string, params: unknown[]): Promise<Row[]> {
        if (changes.length > 0) await flush();
        const rows = await tx.query<Row>(text, params);
        if (rows.length > 0) isFine = true;
        for (const row of rows) events.push(writtenEvent(row));
        return rows;
      },
      nothing: () => {
        isFine = true;
      },
    },
  );
  const finish = async () => {
    await flush();
    return events;
  };
  return { record, hasRecorded: () => isFine, finish };
}

/** Keeps the outcome of work that is under way until it is asked for, so that a failure meanwhile is not unhandled. */
function attempted<Value>(work: Promise<Value>): () => Promise<Value> {
  work.catch(() => {});
  return () => work;
}

/** Writes audit rows and events in one statement, in the order recorded; answers with the events as stored. */
async function write(tx: Connection, ctx: Ctx, changes: Change[]): Promise<StoredEvent[]> {
  if (changes.length === 0) return [];
  const rows = changes.map((change, ord) => ({
    columns: columnsOf(change, change.by ?? ctx, ord),
    ...(change.event && { data: textOf(change.data ?? change.after ?? { id: change.id }) }),
  }));
  const numbered = await tx.query<{ seq: number; at: Date }>(writeStatement, [`[${rows.map(jsonOf).join(",")}]`]);
  let next = 0;
  return rows.flatMap(({ columns, data }) => {
    const number = data && numbered[next++];
    return number ? [storedEvent(columns, data, number)] : [];
  });
}

const writeStatement = `
with c as (
  select * from json_to_recordset($1::json) as c(
    ord int, event text, channel text, entity text, action text, id uuid, revision int, label text, workflow_id uuid,
    task_id uuid, actor_type text, actor_id uuid, actor_name text, request_id text, changes jsonb, reason text, data json)
), a as (
  insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_id,
    actor_name, changes, reason, request_id)
  select entity, id, revision, label, workflow_id, task_id, action, actor_type, actor_id, actor_name, changes, reason, request_id
  from c where action is not null order by ord
)
insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data)
select event, channel, id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data
from c where event is not null order by ord
returning seq, at`;

function columnsOf(change: Change, by: Pick<Ctx, "actor" | "requestId">, ord: number) {
  return {
    ord,
    event: change.event,
    channel: change.event && channelOf[change.event],
    entity: change.entity,
    action: change.action || null,
    id: change.id,
    revision: change.revision,
    label: change.label,
    workflow_id: change.workflowId ?? null,
    task_id: change.taskId ?? null,
    actor_type: by.actor.type,
    actor_id: by.actor.id,
    actor_name: by.actor.name,
    request_id: by.requestId,
    changes: change.action ? changedFields(change.before, change.after) : {},
    reason: change.reason,
  };
}

type EventText = Pick<StoredEvent, "json" | "meta">;

/** What subscribers receive, as text from here on: the table and the bus carry it as it is. */
function textOf(data: unknown): EventText {
  const { json, meta } = serialize(data);
  return { json: JSON.stringify(json), meta: meta ? JSON.stringify(meta) : null };
}

function jsonOf({ columns, data }: { columns: ReturnType<typeof columnsOf>; data?: EventText }): string {
  if (!data) return JSON.stringify(columns);
  const meta = data.meta ? `,"meta":${data.meta}` : "";
  return `${JSON.stringify(columns).slice(0, -1)},"data":{"json":${data.json}${meta}}}`;
}

/** The event as the table has it: all but its number and time is what was handed in. */
function storedEvent(
  columns: ReturnType<typeof columnsOf>,
  { json, meta }: EventText,
  { seq, at }: { seq: number; at: Date },
): StoredEvent {
  return {
    seq,
    at,
    type: columns.event ?? "",
    channel: columns.channel ?? "system",
    entityId: columns.id,
    workflowId: columns.workflow_id,
    taskId: columns.task_id,
    revision: columns.revision,
    actorType: columns.actor_type,
    actorId: columns.actor_id,
    actorName: columns.actor_name,
    json,
    meta,
  };
}
