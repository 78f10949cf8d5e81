import { eventColumns } from "../server/realtime/events.ts";
import { addReaders, writeEvents } from "../tests/support/readers.ts";
import { until } from "../tests/support/until.ts";
import { summary } from "./measure.ts";
import { factory, logOf } from "./readers/factory.ts";
import { startReaders } from "./readers/start.ts";

const events = 10_000;
const bytes = 1200;

/** A client that comes back after many events; the limit is one statement that reads their rows. */
export async function benchReplay(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log(`\n### Replay of ${events} events of ${bytes} bytes to one client\n`);
  console.log("| what | ms | ÷ limit |\n| --- | ---: | ---: |");
  const { sql, start, close } = await factory(server);
  try {
    const { url } = await start();
    const [token = ""] = await addReaders(sql, 1);
    const [before] = await sql`select coalesce(max(seq), 0) as seq from events`;
    const since = `${await logOf(sql)}.${before?.seq}`;
    const last = (await writeEvents(sql, events, bytes)).at(-1)?.seq ?? 0;
    await sql`analyze events`;
    await until("the server has read them", async () => (await figure(url, "wf_event_lag")) === 0);

    const limits = [];
    const ours = [];
    for (let round = 0; round < 5; round++) {
      const began = performance.now();
      const rows = await sql.unsafe(`select ${eventColumns} from events where seq > $1 order by seq`, [before?.seq]);
      if (rows.length < events) throw new Error(`${rows.length} rows were read`);
      limits.push(performance.now() - began);
      const reader = await startReaders({ each: [{ url, token }], since });
      const { startedAt, resets } = await reader.until("it has them all", ({ seen }) => (seen[0] ?? 0) >= events);
      const { arrivals } = await reader.details();
      await reader.stop();
      if (resets > 0) throw new Error("The reader was told to start anew");
      const [end] = arrivals.find(([seq]) => seq === last)?.[1] ?? [];
      ours.push((end ?? Number.NaN) - startedAt);
    }
    const limit = summary(limits, 1).p50;
    const p50 = summary(ours, 1).p50;
    console.log(`| one statement, rows read | ${limit.toFixed(0)} | 1 |`);
    console.log(
      `| subscribed with a cursor → the last event, tRPC's client | ${p50.toFixed(0)} | ${(p50 / limit).toFixed(2)} |`,
    );
  } finally {
    await close();
  }
}

async function figure(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
}
