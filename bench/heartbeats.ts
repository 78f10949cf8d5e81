import postgres from "postgres";
import { addCallers, claim, fill, leaseOf } from "./agent-calls.ts";
import { summary } from "./measure.ts";
import { benchServer } from "./server.ts";

const agents = 2000;
/** As our client does it under leases of 60 seconds. */
const beatSeconds = 15;
const seconds = 30;

/** Heartbeats of live agents at their usual pace: what they write, and how soon they are answered. */
export async function benchHeartbeats(server: string | undefined): Promise<void> {
  if (!server) return;
  const { url, databaseUrl, api, close } = await benchServer(server);
  const sql = postgres(databaseUrl ?? server, { max: 1, onnotice: () => {} });
  /** Transactions of the whole server that have written something, and rows of runs. */
  const written = async () => {
    const [row] = await sql<{ transactions: string; rows: string }[]>`
      select pg_snapshot_xmax(pg_current_snapshot())::text as transactions,
        (select n_tup_upd from pg_stat_user_tables where relname = 'task_runs')::text as rows`;
    return { transactions: Number(row?.transactions), rows: Number(row?.rows) };
  };
  try {
    const callers = await addCallers(api, url, agents);
    await fill(api, agents);
    const beats: (() => Promise<unknown>)[] = [];
    for (const { call } of callers) {
      const runs = (await claim(call, {})).map(leaseOf);
      beats.push(() => call("agents.heartbeat", { runs }));
    }
    const times: number[] = [];
    const before = await written();
    const start = performance.now();
    await Promise.all(
      beats.map(async (beat, i) => {
        let at = start + (i / agents) * beatSeconds * 1000;
        for (; at < start + seconds * 1000; at += beatSeconds * 1000) {
          await Bun.sleep(at - performance.now());
          const sent = performance.now();
          await beat();
          times.push(performance.now() - sent);
        }
      }),
    );
    const after = await written();
    const { p50, p99 } = summary(times, seconds);
    const perBeat = (count: number) => (count / times.length).toFixed(3);
    console.log(`\n### heartbeats of ${agents} live agents, each every ${beatSeconds} s, Postgres\n`);
    console.log(`${times.length} heartbeats, answered after ${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99)`);
    console.log(`writing transactions per heartbeat: ${perBeat(after.transactions - before.transactions)}`);
    console.log(`leases written per heartbeat: ${perBeat(after.rows - before.rows)}`);
  } finally {
    await sql.end();
    await close();
  }
}
