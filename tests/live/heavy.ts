import type { Database } from "../../db/client.ts";
import type { Channel } from "../../db/enums.ts";
import { afterWrite } from "../../server/realtime/testing.ts";

/** Many large events in one statement, unannounced: every server's reader finds them in the table. */
export const writeHeavyEvents = (db: Database, events: { channel: Channel; count: number; bytes: number }) =>
  db.query(
    `${afterWrite}
     insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
     select 'agent_update', $1, gen_random_uuid(), 1, 'system', 'Test',
       json_build_object('json', json_build_object('text', repeat('x', $2::int)))
     from written, generate_series(1, $3::int) where id is not null`,
    [events.channel, events.bytes, events.count],
  );
