import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { type Database, openDatabase } from "./client.ts";
import { migrate } from "./migrate.ts";

/**
 * A fresh, migrated database for a test file: in memory, or, when TEST_DATABASE_URL names a server, a database of
 * its own there that `close` drops again.
 */
export async function testDatabase(): Promise<Database & { url?: string }> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) {
    const db = await openDatabase({});
    await migrate(db);
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
