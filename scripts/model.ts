import { parseArgs } from "node:util";
import { testHost } from "../server/services/testing.ts";
import { slowBackOffs } from "../tests/queue/history.ts";
import { explore } from "../tests/queue/play.ts";

const usage = "bun run model [--seconds 60] [--seed 1]   (TEST_DATABASE_URL for a real Postgres)";

const { seconds, seed } = readOptions();
console.log(`Playing random histories for ${seconds} s, seed ${seed}`);
const host = await testHost();
await slowBackOffs(host);
try {
  console.log(`${await explore(host, { seconds, seed })} histories, all as the model has them`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
await host.close();

function readOptions(): { seconds: number; seed: number } {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({ options: { seconds: text, seed: text } });
    const seconds = Number(values.seconds ?? 60);
    const seed = Number(values.seed ?? Date.now() % 2 ** 31);
    if (!(seconds > 0)) throw new TypeError("--seconds must be a number above 0.");
    if (!Number.isInteger(seed)) throw new TypeError("--seed must be a whole number.");
    return { seconds, seed };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: ${usage}`);
    return process.exit(1);
  }
}
