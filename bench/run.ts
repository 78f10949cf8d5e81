import { cpus } from "node:os";
import { benchBoard } from "./board.ts";
import { benchCreate } from "./create.ts";
import { benchFanOut } from "./fan-out.ts";
import { benchLive } from "./live.ts";
import { benchQueue } from "./queue.ts";

/**
 * `bun run bench [queue|create|board|live|fan-out]`: figures beside their limits, in one run, as Markdown. Postgres is the one
 * of DATABASE_URL, or the local default; PGlite is measured as well. Pages need `bun run build` first.
 */
const benches = { queue: benchQueue, create: benchCreate, board: benchBoard, live: benchLive, "fan-out": benchFanOut };
const server = process.env.DATABASE_URL ?? `postgres://${process.env.USER ?? "postgres"}@127.0.0.1:5432/postgres`;
const wanted = process.argv.slice(2);

console.log(`Bun ${Bun.version}, ${cpus().length} × ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await bench(server);
  await bench(undefined);
}
process.exit(0);
