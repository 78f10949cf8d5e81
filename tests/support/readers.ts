import type postgres from "postgres";
import { camelCased } from "../../db/rows.ts";
import { eventColumns, type StoredEvent } from "../../server/realtime/events.ts";
import { afterWrite } from "../../server/realtime/testing.ts";
import { newToken } from "../../server/services/agents/token.ts";

/** Agents with a token each. */
export async function addReaders(sql: postgres.Sql, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => ({ id: crypto.randomUUID(), ...newToken() }));
  await sql`insert into agents ${sql(made.map(({ id }) => ({ id, name: `reader-${id}`, last_seen: new Date() })))}`;
  const tokens = made.map(({ id, prefix, hash }) => ({ id: crypto.randomUUID(), agent_id: id, prefix, hash }));
  await sql`insert into agent_tokens ${sql(tokens)}`;
  return made.map(({ token }) => token);
}

/** Puts events with this much text into the log, as a write would, and answers with them. */
export async function writeEvents(sql: postgres.Sql, count: number, bytes: number): Promise<StoredEvent[]> {
  const rows = await sql.unsafe(
    `${afterWrite}
     insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
     select 'task_update', 'tasks', gen_random_uuid(), 1, 'system', 'Bench',
       json_build_object('json', json_build_object('sentAt', $1::float8, 'text', repeat('x', $2::int)))
     from written, generate_series(1, $3::int) where id is not null returning ${eventColumns}`,
    [performance.timeOrigin + performance.now(), bytes, count],
  );
  return rows.map((row) => ({ ...camelCased<StoredEvent>(row), seq: Number(row.seq) }));
}
