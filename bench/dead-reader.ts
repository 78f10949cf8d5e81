import { createClient } from "redis";
import { channelOf, messageOf } from "../server/realtime/redis-bus.ts";
import { sealOf } from "../server/realtime/seal.ts";
import { addReaders, writeEvents } from "../tests/support/readers.ts";
import { memoryOf, summary } from "./measure.ts";
import { type Factory, factory, logOf, redisUrl, secret } from "./readers/factory.ts";
import { type RunningReaders, startReaders } from "./readers/start.ts";

const bytes = 20_000;
const perTick = 10;
const tickMs = 40;
/** 200 MB while it is dead, and as many in all while it reads. */
const ticks = 1000;

/** A reader that stops reading for good while 200 MB are published: what it costs the server and its neighbours. */
export async function benchDeadReader(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log(`\n### One dead reader, ${(bytes * perTick * ticks) / 1e6} MB published, three neighbours\n`);
  console.log("| what | p50 ms | p99 ms | server's peak MB |\n| --- | ---: | ---: | ---: |");
  const { sql, start, close } = await factory(server);
  try {
    const { url, pid } = await start();
    const [token = ""] = await addReaders(sql, 1);
    const neighbours = await startReaders({ each: Array.from({ length: 3 }, () => ({ url, token })) });
    const dead = await startReaders({ each: [{ url, token }] });
    const publish = await publisher(sql);
    const watched = (count: number) => publishing(count, { publish, neighbours, pid });

    await watched(ticks / 10);
    const before = await watched(ticks / 2);
    dead.signal("SIGSTOP");
    const during = await watched(ticks);
    dead.signal("SIGCONT");
    const all = await neighbours.report();
    await dead.until("the dead reader has everything", ({ seen }) => seen[0] === all.seen[0]);
    const { resets } = await dead.report();
    if (resets > 0) throw new Error("The dead reader was told to start anew");
    const after = await watched(ticks / 2);
    await Promise.all([neighbours.stop(), dead.stop()]);

    const without = summary([...before.times, ...after.times], 1);
    const withIt = summary(during.times, 1);
    print("everybody reads", without, before.peak);
    print("one is dead", withIt, during.peak);
    const rise = during.peak - before.peak;
    console.log(
      `\nNeighbours' p99 with ÷ without: ${(withIt.p99 / without.p99).toFixed(2)}; memory ${rise.toFixed(0)} MB more; no gap.`,
    );
  } finally {
    await close();
  }
}

const print = (what: string, { p50, p99 }: { p50: number; p99: number }, peak: number) =>
  console.log(`| ${what} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${peak.toFixed(0)} |`);

/** Commits some events and announces them as an instance would. */
async function publisher(sql: Factory["sql"]) {
  const redis = await createClient({ url: redisUrl }).connect();
  const channel = channelOf(await logOf(sql));
  const { seal } = sealOf(secret, channel);
  return async () => {
    const events = await writeEvents(sql, perTick, bytes);
    await redis.publish(channel, seal(messageOf("bench", events)));
  };
}

interface Watched {
  publish(): Promise<void>;
  neighbours: RunningReaders;
  pid: number;
}

async function publishing(count: number, { publish, neighbours, pid }: Watched) {
  const { seen } = await neighbours.report();
  const began = performance.now();
  let peak = 0;
  for (let tick = 0; tick < count; tick++) {
    await publish();
    peak = Math.max(peak, memoryOf(pid) / 1024);
    await Bun.sleep(Math.max(0, began + (tick + 1) * tickMs - performance.now()));
  }
  const wanted = count * perTick;
  await neighbours.until("the neighbours have it", (report) =>
    report.seen.every((now, i) => now - (seen[i] ?? 0) >= wanted),
  );
  return { peak, times: (await neighbours.details()).times };
}
