import type { Database } from "../../db/client.ts";
import type { Channel } from "../../db/enums.ts";

/** Many large events in one statement, unannounced: every server's reader finds them in the table. */
export const writeHeavyEvents = (db: Database, events: { channel: Channel; count: number; bytes: number }) =>
  db.query(
    `insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
     select 'agent_update', $1, gen_random_uuid(), 1, 'system', 'Test',
       jsonb_build_object('json', jsonb_build_object('text', repeat('x', $2::int)))
     from generate_series(1, $3::int)`,
    [events.channel, events.bytes, events.count],
  );
