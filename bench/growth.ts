import type { Outcome, Plan } from "./fan-out/subscribers.ts";
import { withFactory, withNative } from "./fan-out.ts";
import { memoryOf } from "./measure.ts";

const subscribers = 1000;
const events = 250;
const warmRounds = 2;
const rounds = 4;
const collect = `--preload=${new URL("./fan-out/collect.ts", import.meta.url).pathname}`;

/** What a server's memory grows by for a million messages on lasting connections, garbage collected before each look. */
export async function benchGrowth(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log(`\n### Growth per million messages, ${subscribers} lasting connections\n`);
  console.log("| what | messages | MB at first | MB at last | MB per million |\n| --- | ---: | ---: | ---: | ---: |");
  const load = { subscribers, events, window: 4 };
  await withNative(1500, load, (...about) => printGrowth("Bun publish", ...about), collect);
  await withFactory(server, load, (...about) => printGrowth("events.stream", ...about), collect);
}

async function printGrowth(what: string, pid: number, plan: Plan, firstSeq: () => Promise<number>): Promise<void> {
  const file = new URL("./fan-out/subscribers.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, file, JSON.stringify(plan)], { stdin: "pipe", stdout: "pipe" });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await lines.read();
  let next = await firstSeq();
  const megabytes: number[] = [];
  for (let round = 0; round < warmRounds + rounds; round++) {
    child.stdin.write(`${next}\n`);
    child.stdin.flush();
    const { incomplete } = JSON.parse((await lines.read()).value ?? "") as Outcome;
    if (incomplete > 0) throw new Error(`${what}: ${incomplete} events did not reach everybody`);
    next += plan.events;
    process.kill(pid, "SIGUSR2");
    await Bun.sleep(1500);
    megabytes.push(memoryOf(pid) / 1024);
  }
  child.stdin.end();
  await child.exited;
  const [first = 0, last = 0] = [megabytes[warmRounds - 1], megabytes.at(-1)];
  const messages = (rounds * plan.events * plan.subscribers) / 1e6;
  const cells = [first.toFixed(1), last.toFixed(1), ((last - first) / messages).toFixed(2)];
  console.log(`| ${what} | ${messages} million | ${cells.join(" | ")} |`);
}
