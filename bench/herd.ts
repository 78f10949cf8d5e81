import { startProxy } from "../tests/support/proxy.ts";
import { addReaders, writeEvents } from "../tests/support/readers.ts";
import { type Factory, factory } from "./readers/factory.ts";
import { type RunningReaders, startReaders } from "./readers/start.ts";

const processes = 4;
const perProcess = 250;
const subscribers = processes * perProcess;

/** A thousand subscribers, an agent each, whose instance is killed and started again, and then drained into another. */
export async function benchHerd(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log(`\n### Herd: ${subscribers} subscribers come back\n`);
  console.log("| what | seconds until all are back | transactions a subscriber | connections to Postgres | limit s |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  const { sql, start, close } = await factory(server);
  try {
    let instance = await start();
    const way = await startProxy(() => Number(new URL(instance.url).port));
    const tokens = await addReaders(sql, subscribers);
    const herd = await Promise.all(
      Array.from({ length: processes }, (_, i) =>
        startReaders({
          each: tokens
            .slice(i * perProcess, (i + 1) * perProcess)
            .map((token) => ({ url: `http://127.0.0.1:${way.port}`, token })),
        }),
      ),
    );
    const { port } = new URL(instance.url);
    await measured("killed and started again", { sql, herd }, async () => {
      await instance.stop("SIGKILL");
      instance = await start(Number(port));
    });
    const other = await start();
    await measured("drained into another", { sql, herd }, async () => {
      const leaving = instance;
      instance = other;
      await leaving.stop();
    });
    await Promise.all(herd.map((readers) => readers.stop()));
    await way.close();
  } finally {
    await close();
  }
}

interface Herd {
  sql: Factory["sql"];
  herd: RunningReaders[];
}

async function measured(what: string, { sql, herd }: Herd, disturb: () => Promise<void>): Promise<void> {
  const first = await Promise.all(herd.map((readers) => readers.report()));
  const idle = await transactionsIn(sql, 5000);
  const before = await transactions(sql);
  const began = performance.now();
  // What happens meanwhile each of them has to be told.
  let written = 0;
  let most = 0;
  let isOver = false;
  const writing = (async () => {
    for (; !isOver; written += 2) {
      await writeEvents(sql, 2, 1000);
      most = Math.max(most, await connections(sql));
      await Bun.sleep(100);
    }
  })();
  await disturb();
  await Promise.all(
    herd.map((readers, i) =>
      readers.until("all are back", ({ connected }) => connected >= (first[i]?.connected ?? 0) + perProcess),
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  const spent = (await transactions(sql)) - before - (idle * seconds) / 5;
  isOver = true;
  await writing;
  const last = await Promise.all(
    herd.map((readers, process) =>
      readers.until("all have every event", ({ seen }) =>
        seen.every((count, i) => count - (first[process]?.seen[i] ?? 0) >= written),
      ),
    ),
  );
  if (last.some(({ resets }) => resets > 0)) throw new Error("Somebody was told to start anew");
  const each = Math.max(0, spent - written) / subscribers;
  console.log(`| ${what} | ${seconds.toFixed(1)} | ${each.toFixed(2)} | ${most} | 10 |`);
}

async function transactions(sql: Factory["sql"]): Promise<number> {
  const [row] =
    await sql`select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`;
  return Number(row?.count);
}

async function transactionsIn(sql: Factory["sql"], ms: number): Promise<number> {
  const before = await transactions(sql);
  await Bun.sleep(ms);
  return (await transactions(sql)) - before;
}

async function connections(sql: Factory["sql"]): Promise<number> {
  const [row] =
    await sql`select count(*) as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  return Number(row?.count);
}
