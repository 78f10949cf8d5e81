import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { type Database, openDatabase, openPglite } from "./client.ts";
import { migrate } from "./migrate.ts";

/**
 * A fresh, migrated database for a test file: in memory, or, when TEST_DATABASE_URL names a server, a database of
 * its own there that `close` drops again.
 */
export async function testDatabase(): Promise<Database & { url?: string }> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) {
    migrated ??= dumpMigrated();
    const db = await openPglite({ from: await migrated });
    // Each is another factory.
    await db.query("update settings set value = to_jsonb(gen_random_uuid()) where key = 'log_epoch'");
    return db;
  }
  const name = `wf_test_${randomUUID().replaceAll("-", "")}`;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await openDatabase({ url: url.href });
  await migrate(db, url.href);
  return {
    ...db,
    url: url.href,
    close: async () => {
      await db.close();
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

/** Made once and then copied, since making one takes seconds. */
let migrated: Promise<Blob> | undefined;

async function dumpMigrated(): Promise<Blob> {
  const db = await openPglite({});
  await migrate(db);
  const dump = await db.dump();
  await db.close();
  return dump;
}
