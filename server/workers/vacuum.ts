import type { Database } from "../../db/client.ts";

/** As Postgres' own autovacuum has it: a fifth of the rows dead, or a tenth changed since they were last counted. */
const due = `
select relname as name from pg_stat_user_tables
where schemaname = 'public'
  and (n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup)
order by n_dead_tup desc`;

/**
 * Clears away dead rows and counts the living ones, table by table, in the embedded database, which has no autovacuum: without
 * it tables grow with every write, and the planner knows nothing of them. A Postgres server does this by itself.
 */
export async function vacuum(db: Database): Promise<void> {
  if (db.kind !== "pglite") return;
  for (const { name } of await db.query<{ name: string }>(due)) await db.queryAnew(`vacuum (analyze) "${name}"`);
}
