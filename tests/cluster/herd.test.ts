import { afterEach, expect, test } from "bun:test";
import postgres from "postgres";
import { createClient } from "../../client/create-client.ts";
import { ownDatabase } from "../support/database.ts";
import { addReaders, writeEvents } from "../support/readers.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const subscribers = 200;

test("two hundred subscribers come back after a kill, with every event and without a storm on the database", async () => {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const server = await startServer({ env: { DATABASE_URL: database.url, SESSION_SECRET: "h".repeat(40) } });
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  cleanups.push(() => sql.end());
  let running = server;
  cleanups.push(() => running.remove());

  const herd = (await addReaders(sql, subscribers)).map((token) => {
    const reader = { connected: 0, resets: 0, seen: new Set<number>(), leave: () => {} };
    const { unsubscribe } = createClient({ url: server.url, token }).events.stream.subscribe(
      { channels: ["tasks"] },
      {
        onData({ data }) {
          if (data.type === "connected") reader.connected++;
          else if (data.type === "reset") reader.resets++;
          else reader.seen.add(data.seq);
        },
      },
    );
    reader.leave = unsubscribe;
    return reader;
  });
  cleanups.push(async () => {
    for (const { leave } of herd) leave();
  });
  await until("all are connected", () => herd.every(({ connected }) => connected === 1));
  const first = await writeEvents(sql, 5, 500);
  const haveSeen = (events: { seq: number }[]) => herd.every(({ seen }) => events.every(({ seq }) => seen.has(seq)));
  await until("all have the first events", () => haveSeen(first));

  await server.stop("SIGKILL");
  const missed = await writeEvents(sql, 5, 500);
  running = await startServer({
    env: { DATABASE_URL: database.url, SESSION_SECRET: "h".repeat(40) },
    port: Number(new URL(server.url).port),
  });
  const before = await transactions(sql);
  await until("all are back", () => herd.every(({ connected }) => connected === 2), 30);
  await until("all have what they missed", () => haveSeen(missed));
  expect(herd.some(({ resets }) => resets > 0)).toBe(false);
  // A look at the token, a page of events; the rest is the start of the server and its workers.
  expect((await transactions(sql)) - before).toBeLessThan(3 * subscribers);
}, 90_000);

/** How often the database has been asked in all; it counts up to a second late. */
async function transactions(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select xact_commit as count from pg_stat_database where datname = current_database()`;
  return Number(row?.count);
}
