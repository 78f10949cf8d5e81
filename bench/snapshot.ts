import postgres from "postgres";
import { addAgents, addBacklog, benchHost } from "./host.ts";
import { perSecond } from "./measure.ts";
import { singleCycle } from "./queue.ts";

const seconds = 14;

/**
 * Claim and complete while somebody holds a snapshot open (a report, a dump, a forgotten console): no dead row can be
 * cleaned up, so a claim that walks over what was claimed before becomes slower with every second.
 */
export async function benchSnapshot(server: string | undefined, workers = 32): Promise<void> {
  if (!server) return;
  console.log(`\n### claim + complete under a held snapshot, ${workers} workers, Postgres\n`);
  const { host, url, close } = await benchHost(server);
  const reader = postgres(url ?? server, { max: 1, onnotice: () => {} });
  try {
    await addBacklog(host, 100_000);
    const agents = await addAgents(host, workers);
    await perSecond(workers, 2, singleCycle(agents));
    const held = Promise.withResolvers<void>();
    const report = reader.begin("isolation level repeatable read", async (tx) => {
      await tx`select count(*) from agents`;
      await held.promise;
    });
    const counts = await perSecond(workers, seconds, singleCycle(agents));
    held.resolve();
    await report;
    console.log(`tasks in each second: ${counts.join(" ")}`);
    console.log(`12th second ÷ first: ${((counts[11] ?? 0) / (counts[0] ?? 1)).toFixed(2)}`);
  } finally {
    await reader.end();
    await close();
  }
}
