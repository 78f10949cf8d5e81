import { readFileSync } from "node:fs";
import postgres from "postgres";
import { camelCased } from "../db/rows.ts";
import { eventColumns, type StoredEvent } from "../server/realtime/events.ts";
import { channelOf, messageOf } from "../server/realtime/redis-bus.ts";
import { ownDatabase } from "../tests/support/database.ts";
import { startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import type { Outcome, Plan } from "./fan-out/subscribers.ts";
import { memoryOf } from "./measure.ts";
import { logOf } from "./readers/factory.ts";

const secret = "b".repeat(40);
const redis = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
/** How many workflows the subscribers are divided among, each of whom wants one. */
const many = 50;
const counts = (process.env.SUBSCRIBERS ?? "1000,5000").split(",").map(Number);

/**
 * Live updates to many: events come by Redis as from another instance, subscribers are agents with tokens in a process of
 * their own. The limit is Bun's own `publish` of as many bytes, in the same run.
 */
export async function benchFanOut(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log("\n### Live fan-out\n");
  console.log("| subscribers | what | messages/s | CPU µs/message | p50 ms | p99 ms | KB a socket | bytes | ÷ limit |");
  console.log("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const subscribers of counts) {
    const events = Math.ceil(300_000 / subscribers);
    for (const load of [
      { window: 4, events },
      { perSecond: 10_000 / subscribers, events: Math.ceil(120_000 / subscribers) },
      { window: 4 * many, events: events * many, groups: Array.from({ length: many }, (_, i) => `${i}`) },
    ]) {
      const ours = await throughTheFactory(server, { subscribers, ...load });
      const limit = await nativePublish(ours.bytesPerMessage, { subscribers, ...load });
      const pace = load.window ? "as fast as they take them" : "10,000 messages/s";
      const what = load.groups ? `${pace}, ${many} workflows` : pace;
      const ratio = load.window ? ours.messagesPerSecond / limit.messagesPerSecond : ours.p99 / limit.p99;
      print(subscribers, `Bun publish, ${what}`, limit, "1");
      print(subscribers, `events.stream, ${what}`, ours, `${ratio.toFixed(2)}${load.window ? "" : " (p99)"}`);
    }
  }
}

type Load = Pick<Plan, "subscribers" | "events" | "window" | "perSecond"> & Partial<Pick<Plan, "groups">>;
type Measured = Outcome & { cpu: number; kilobytes: number };

function print(subscribers: number, what: string, one: Measured, ratio: string): void {
  if (one.incomplete > 0) throw new Error(`${what}: ${one.incomplete} events did not reach everybody`);
  const cells = [one.messagesPerSecond.toFixed(0), one.cpu.toFixed(1), one.p50.toFixed(1), one.p99.toFixed(1)];
  const sizes = [one.kilobytes.toFixed(1), one.bytesPerMessage.toFixed(0)];
  console.log(`| ${subscribers} | ${what} | ${[...cells, ...sizes, ratio].join(" | ")} |`);
}

type Use<Answer> = (pid: number, plan: Plan, firstSeq: () => Promise<number>) => Promise<Answer>;

const throughTheFactory = (server: string, load: Load) => withFactory(server, load, measured);
const nativePublish = (bytes: number, load: Load) => withNative(bytes, load, measured);

/** Starts a server with agents for so many subscribers, and hands it over with the plan for their process. */
export async function withFactory<Answer>(
  server: string,
  load: Load,
  use: Use<Answer>,
  bunOptions = "",
): Promise<Answer> {
  process.env.TEST_DATABASE_URL = server;
  const database = await ownDatabase();
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    SESSION_SECRET: secret,
    LOG_LEVEL: "warn",
    AGENT_OFFLINE_SECONDS: "3600",
    BUN_OPTIONS: bunOptions,
  };
  const running = await startServer({ env });
  const sql = postgres(database.url, { max: 1 });
  try {
    const api = personClient(running.url, await signIn(running.url));
    const tokens: string[] = [];
    for (let i = 0; i * 200 < load.subscribers; i++) {
      tokens.push((await api.agents.create.mutate({ name: `bench-${i}` })).token);
    }
    const workflows = await Promise.all(
      (load.groups ?? [""]).map((name) =>
        api.workflows.create.mutate({ name: `Fan-out ${name}`, tasks: [{ key: "a", name: "Read the licences" }] }),
      ),
    );
    const { id: workflowId = "", tasks = [] } = workflows[0] ?? {};
    const [last] = await sql.unsafe(`select ${eventColumns} from events where entity_id = $1`, [tasks[0]?.id ?? ""]);
    if (!last) throw new Error("Creating a task writes an event");
    const subscribe = {
      id: 1,
      method: "subscription",
      params: {
        path: "events.stream",
        input: { json: { channels: ["tasks"], ...(load.groups && { workflowId: "@group@" }) } },
      },
    };
    return await use(
      running.pid,
      {
        ...load,
        groups: workflows.map(({ id }) => id),
        port: Number(new URL(running.url).port),
        path: "/trpc?connectionParams=1",
        hellos: tokens.map((token) => [
          JSON.stringify({ method: "connectionParams", data: { token } }),
          JSON.stringify(subscribe),
        ]),
        ready: '"connected"',
        redis,
        redisChannel: channelOf(await logOf(sql)),
        secret,
        message: announcement(camelCased<StoredEvent>(last)).replaceAll(workflowId, "@group@"),
      },
      () => nextSeq(sql),
    );
  } finally {
    await sql.end();
    await running.remove();
    await database.drop();
  }
}

/** What another instance would publish, with a place for the number. */
const announcement = (event: StoredEvent) =>
  messageOf("bench", [{ ...event, type: "task_update", revision: 2, seq: -1 }]).replace('"seq":-1', '"seq":@seq@');

/** The number after the last event, once those that the set-up causes have all been written. */
async function nextSeq(sql: postgres.Sql): Promise<number> {
  for (let last = -1; ; ) {
    const [row] = await sql`select max(seq) as top from events`;
    if (Number(row?.top) === last) return last + 1;
    last = Number(row?.top);
    await Bun.sleep(1500);
  }
}

/** The same for a process that only hands on what comes by Redis. */
export async function withNative<Answer>(
  bytes: number,
  load: Load,
  use: Use<Answer>,
  bunOptions = "",
): Promise<Answer> {
  const channel = `bench-${crypto.randomUUID()}`;
  const file = new URL("./fan-out/limit.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, file, redis, channel], {
    stdout: "pipe",
    env: { ...process.env, BUN_OPTIONS: bunOptions },
  });
  const port = Number(await firstLine(child.stdout));
  const padding = "x".repeat(Math.max(0, Math.round(bytes) - `{"seq":@seq@,"x":""}`.length - 2));
  try {
    const message = `@group@\n{"seq":@seq@,"x":"${padding}"}`;
    const plan = {
      port,
      path: "/?topic=@group@",
      hellos: [[]],
      ready: "started",
      redis,
      redisChannel: channel,
      message,
    };
    return await use(child.pid, { ...load, groups: load.groups ?? ["all"], ...plan }, async () => 1);
  } finally {
    child.kill();
    await child.exited;
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  for await (const chunk of stream) return new TextDecoder().decode(chunk).trim();
  throw new Error("The process said nothing");
}

/** Runs the subscribers, and watches what the server spends meanwhile. */
async function measured(pid: number, plan: Plan, firstSeq: () => Promise<number>): Promise<Measured> {
  const file = new URL("./fan-out/subscribers.ts", import.meta.url).pathname;
  const before = memoryOf(pid);
  const child = Bun.spawn([process.execPath, file, JSON.stringify(plan)], { stdin: "pipe", stdout: "pipe" });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await lines.read();
  const kilobytes = (memoryOf(pid) - before) / plan.subscribers;
  const first = await firstSeq();
  // What thousands of handshakes have left behind is cleared away first.
  await Bun.sleep(3000);
  const cpuBefore = cpuOf(pid);
  child.stdin.write(`${first}\n`);
  child.stdin.flush();
  const { value } = await lines.read();
  const outcome = JSON.parse(value ?? "") as Outcome;
  child.stdin.end();
  await child.exited;
  return { ...outcome, kilobytes, cpu: ((cpuOf(pid) - cpuBefore) * 1e6) / outcome.received };
}

/** Seconds of processor time so far; Linux counts in hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
