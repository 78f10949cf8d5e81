import type { Connection } from "../../db/client.ts";

/**
 * Which log this is. The row of `settings` tells factories apart; it comes back with a backup, so what a restore makes
 * anew is mixed in: the table's own number and, where they may be read, the server's identifier and timeline. The first
 * part is enough to tell two logs apart.
 */
export async function epochOf(db: Pick<Connection, "query">): Promise<string> {
  const [row] = await db.query<{ epoch: string }>(epochStatement(servers)).catch((error) => {
    if (!unreadable.has(error.code)) throw error;
    return db.query<{ epoch: string }>(epochStatement("''"));
  });
  if (!row) throw new Error("The database has no log_epoch: it was not migrated.");
  return row.epoch;
}

const servers = `(select system_identifier from pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8)`;

/** Not granted, not there, not on this kind of server. */
const unreadable = new Set(["42501", "42883", "0A000", "55000"]);

const epochStatement = (server: string) => `
select left(encode(sha256(convert_to(
    concat_ws(' ', s.value #>> '{}', 'events'::regclass::oid, d.oid, ${server}), 'UTF8'
  )), 'hex'), 8) as epoch
from settings s, pg_database d where s.key = 'log_epoch' and d.datname = current_database()`;
