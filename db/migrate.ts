import { fileURLToPath } from "node:url";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as migratePostgres } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import type { Database } from "./client.ts";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/** Any fixed number: advisory locks are per database, so it only has to be the same in every instance. */
const migrationLock = 7_142_001;

/**
 * Brings the schema up to date. Instances that start together take turns under an advisory lock on a connection of
 * their own, without the pool's statement timeout, so that a long migration is not cut off.
 */
export async function migrate(db: Database, url?: string): Promise<void> {
  if (db.kind === "pglite" || !url) {
    // The one driver's database type stands for both; on this branch it is PGlite's.
    await migratePglite(db.orm as never, { migrationsFolder });
    return;
  }
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await client`select pg_advisory_lock(${migrationLock})`;
    await migratePostgres(drizzle({ client }), { migrationsFolder });
  } finally {
    await client.end({ timeout: 5 });
  }
}
