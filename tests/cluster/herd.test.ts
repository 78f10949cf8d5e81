import { afterEach, expect, test } from "bun:test";
import postgres from "postgres";
import { startReaders } from "../../bench/readers/start.ts";
import { ownDatabase } from "../support/database.ts";
import { addReaders, writeEvents } from "../support/readers.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const processes = 4;
const perProcess = 250;
const subscribers = processes * perProcess;
/**
 * On two cores that others used as well it took 6 to 12 s. The benchmark holds it to ten on a machine of its own; here each
 * try takes longer, and who has failed waits for up to twice as long before the next. A storm or a stuck reader never ends.
 */
const backWithinSeconds = 30;
/** Of the instance: reads, writes and the reserved ones. */
const mostConnections = 24;

test("a thousand subscribers come back after a kill, with every event and without a storm on the database", async () => {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const env = { DATABASE_URL: database.url, SESSION_SECRET: "h".repeat(40), AGENT_OFFLINE_SECONDS: "3600" };
  const server = await startServer({ env });
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  cleanups.push(() => sql.end());
  let running = server;
  cleanups.push(() => running.remove());

  const tokens = await addReaders(sql, subscribers);
  const herd = await Promise.all(
    Array.from({ length: processes }, (_, i) =>
      startReaders({
        each: tokens.slice(i * perProcess, (i + 1) * perProcess).map((token) => ({ url: server.url, token })),
      }),
    ),
  );
  for (const readers of herd) cleanups.push(readers.stop);
  const first = await writeEvents(sql, 5, 500);
  const all = (count: number) =>
    Promise.all(herd.map((readers) => readers.until("all have these", ({ seen }) => seen.every((n) => n >= count))));
  await all(first.length);

  await server.stop("SIGKILL");
  const missed = await writeEvents(sql, 5, 500);
  running = await startServer({ env, port: Number(new URL(server.url).port) });
  const before = await transactions(sql);
  const began = performance.now();
  let most = 0;
  let looks = 0;
  let isOver = false;
  const look = async () => {
    looks++;
    most = Math.max(most, await connections(sql));
    return isOver;
  };
  const watching = until("all are back", look, 90, 200);
  await Promise.all(
    herd.map((readers) => readers.until("all are back", ({ connected }) => connected >= 2 * perProcess)),
  );
  const seconds = (performance.now() - began) / 1000;
  const reports = await all(first.length + missed.length);
  isOver = true;
  await watching;
  console.log(`All ${subscribers} were back after ${seconds.toFixed(1)} s, over ${most} connections.`);
  expect(seconds).toBeLessThan(backWithinSeconds);
  expect(reports.map(({ resets }) => resets)).toEqual(reports.map(() => 0));
  expect(most).toBeLessThanOrEqual(mostConnections);
  // A look at the token, a page of events; the rest is the start of the server and its workers.
  expect((await transactions(sql)) - before - looks).toBeLessThan(3 * subscribers);
}, 120_000);

async function connections(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`
    select count(*) as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  return Number(row?.count);
}

/** How often the database has been asked in all; it counts up to a second late. */
async function transactions(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select xact_commit as count from pg_stat_database where datname = current_database()`;
  return Number(row?.count);
}
