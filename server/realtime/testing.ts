import superjson from "superjson";
import type { Connection, Database } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import { eventColumns, type StoredEvent } from "./events.ts";
import type { StreamMessage } from "./log.ts";

/**
 * SQL: gives the transaction its id, as the write that an event speaks of does, before the event is numbered; the log's reader
 * relies on it.
 */
export const afterWrite = "with written as materialized (select pg_current_xact_id() as id)";

/** Puts one event into the log, as the last statement of a change would. */
export async function writeEvent(
  tx: Connection,
  { entityId = crypto.randomUUID() as string, revision = 1, type = "task_update", channel = "tasks" } = {},
): Promise<StoredEvent> {
  const [row] = await tx.query<object>(
    `${afterWrite}
     insert into events (type, channel, entity_id, task_id, revision, actor_type, actor_name, data)
     select $1, $2, $3::uuid, $3::uuid, $4::int, 'system', 'Test', $5::text::json from written where id is not null
     returning ${eventColumns}`,
    [type, channel, entityId, revision, JSON.stringify({ json: { id: entityId, revision } })],
  );
  if (!row) throw new Error("An insert answers with its row");
  return camelCased<StoredEvent>(row);
}

/** An event that no database has seen, with this in its row. */
export function sampleEvent(data: object): StoredEvent {
  const { json, meta } = superjson.serialize({ name: "Read licences", ...data });
  return {
    seq: 7,
    type: "task_update",
    channel: "tasks",
    entityId: "0190a0a0-0000-7000-8000-000000000001",
    workflowId: null,
    taskId: "0190a0a0-0000-7000-8000-000000000001",
    revision: 3,
    actorType: "system",
    actorId: null,
    actorName: "Test",
    at: new Date("2026-01-02T03:04:05Z"),
    json: JSON.stringify(json),
    meta: meta ? JSON.stringify(meta) : null,
  };
}

/** Waits until a stream is connected; then `take(n)` brings its next messages. */
export async function connected(stream: AsyncIterable<StreamMessage>) {
  const messages = stream[Symbol.asyncIterator]();
  const next = async () => (await messages.next()).value as StreamMessage | undefined;
  return {
    first: await next(),
    next,
    async take(count: number): Promise<StreamMessage[]> {
      const taken: StreamMessage[] = [];
      for (let message = await next(); message; message = await next()) {
        taken.push(message);
        if (taken.length === count) break;
      }
      return taken;
    },
    leave: () => messages.return?.(),
  };
}

export const seqs = (messages: StreamMessage[]) =>
  messages.flatMap((message) => ("seq" in message ? [message.seq] : []));

export const storedSeqs = async (db: Database) =>
  (await db.query<{ seq: number }>("select seq from events order by seq")).map(({ seq }) => seq);
