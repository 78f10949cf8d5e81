import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/client.ts";
import { migrate } from "../../db/migrate.ts";
import { vacuum } from "./vacuum.ts";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({});
  await migrate(db, undefined);
});
afterAll(() => db.close());

const tableOf = async (name: string) => {
  const [table] = await db.query<{ rows: number; pages: number }>(
    "select reltuples as rows, pg_relation_size(oid) / 8192 as pages from pg_class where relname = $1",
    [name],
  );
  return table;
};
const rewrite = () => db.query(`update settings set value = value where key like 'test-%'`);
/** What was done is counted at once, not within a second. */
const work = async () => {
  await db.query("select pg_stat_force_next_flush()");
  await vacuum(db);
};

test("the embedded database uses the room of dead rows again, and knows how many live ones there are", async () => {
  await db.query(`insert into settings (key, value) select 'test-' || i, '"x"' from generate_series(1, 2000) i`);
  await rewrite();
  await work();
  const before = await tableOf("settings");
  expect(before?.rows).toBeGreaterThanOrEqual(2000);
  for (let i = 0; i < 3; i++) {
    await work();
    await rewrite();
  }
  expect((await tableOf("settings"))?.pages).toBe(before?.pages);
});

test("a table that hardly changed is left alone", async () => {
  await work();
  const counted = async () =>
    (await db.query("select analyze_count, vacuum_count from pg_stat_user_tables where relname = 'settings'"))[0];
  const before = await counted();
  await db.query("update settings set value = value where key = 'test-1'");
  await work();
  expect(await counted()).toEqual(before);
});
