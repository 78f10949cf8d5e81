import { cpus } from "node:os";
import { benchAgents } from "./agents.ts";
import { benchBoard } from "./board.ts";
import { benchCreate } from "./create.ts";
import { benchDeadReader } from "./dead-reader.ts";
import { benchFanOut } from "./fan-out.ts";
import { benchGrowth } from "./growth.ts";
import { benchHeartbeats } from "./heartbeats.ts";
import { benchHerd } from "./herd.ts";
import { benchLive } from "./live.ts";
import { benchMillion } from "./million.ts";
import { benchQueue } from "./queue.ts";
import { benchReplay } from "./replay.ts";
import { benchSecondInstance } from "./second-instance.ts";
import { benchSnapshot } from "./snapshot.ts";

/**
 * `bun run bench [name …]`: figures beside their limits, in one run, as Markdown; all of them without a name. Postgres is the one
 * of DATABASE_URL, or the local default; PGlite is measured as well. Pages need `bun run build` first.
 */
const benches = {
  queue: benchQueue,
  agents: benchAgents,
  heartbeats: benchHeartbeats,
  create: benchCreate,
  board: benchBoard,
  live: benchLive,
  "fan-out": benchFanOut,
  growth: benchGrowth,
  "dead-reader": benchDeadReader,
  replay: benchReplay,
  "second-instance": benchSecondInstance,
  herd: benchHerd,
  snapshot: benchSnapshot,
  million: benchMillion,
};
const server = process.env.DATABASE_URL ?? `postgres://${process.env.USER ?? "postgres"}@127.0.0.1:5432/postgres`;
const wanted = process.argv.slice(2);

console.log(`Bun ${Bun.version}, ${cpus().length} × ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await bench(server);
  await bench(undefined);
}
process.exit(0);
