import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/client.ts";
import { storedSeqs } from "../../server/realtime/testing.ts";
import { ownDatabase } from "../support/database.ts";
import { startProxy } from "../support/proxy.ts";
import { startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";
import { writeHeavyEvents } from "./heavy.ts";
import { plainViewer } from "./viewers.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const eventBytes = 20_000;
const rounds = 10;
/** A hundred megabytes in all: more than the server may ever keep for those who do not read. */
const perRound = 500;
/** How much longer others may wait for a round while somebody does not read; a busy machine alone makes for half of it. */
const slowerAtMost = 3;

test("a frozen reader and one of 1 KB/s are let go, cost the server little and the others nothing, and resume without a gap", async () => {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const server = await startServer({ env: { DATABASE_URL: database.url, SESSION_SECRET: "w".repeat(40) } });
  cleanups.push(server.remove);
  const db = await openDatabase({ url: database.url });
  cleanups.push(db.close);
  const api = personClient(server.url, await signIn(server.url));
  const { token } = await api.agents.create.mutate({ name: "reader" });
  const options = { url: server.url, token, random: () => 0.5 };
  const quick = await plainViewer({ ...options, name: "quick" }, ["agents"]);
  cleanups.push(quick.close);
  const way = await startProxy(() => Number(new URL(server.url).port));
  cleanups.push(way.close);
  // It could not tell a server that does not answer from an answer that is on its way.
  const throughWay = { url: `http://127.0.0.1:${way.port}`, pingMs: 3_600_000 };
  const crawling = await plainViewer({ ...options, ...throughWay, name: "crawling" }, ["agents"]);
  cleanups.push(crawling.close);
  const slowWay = await startProxy(() => Number(new URL(server.url).port));
  cleanups.push(slowWay.close);
  const slow = await plainViewer({ ...options, ...throughWay, url: `http://127.0.0.1:${slowWay.port}`, name: "slow" }, [
    "agents",
  ]);
  cleanups.push(slow.close);
  const frozen = await readerProcess(server.url, token);
  const all = rounds * perRound;

  // What the server needs for events of this size with nobody in the way.
  const before = await writeAndWatch();
  await until("the readers have seen all that", () =>
    [frozen.seen(), crawling.history.seqs.size, slow.history.seqs.size].every((seen) => seen >= all),
  );
  process.kill(frozen.pid, "SIGSTOP");
  way.pace(1024);
  slowWay.pace(512 * 1024);
  const after = await writeAndWatch();
  expect(after.memory - before.memory).toBeLessThan(64 * 1024);
  expect(after.roundMs).toBeLessThan(slowerAtMost * before.roundMs);
  // The quick one has everything, and these do not hold it up.
  expect(frozen.seen()).toBeLessThan(2 * all);
  expect(crawling.history.seqs.size).toBeLessThan(2 * all);
  await until("both were let go as too slow", () => letGo(server.output()) >= 2, 40);
  expect([quick.connections(), slow.connections()]).toEqual([1, 1]);
  expect(slow.history.seqs.size).toBeLessThan(2 * all);

  way.pace(Number.POSITIVE_INFINITY);
  slowWay.pace(Number.POSITIVE_INFINITY);
  process.kill(frozen.pid, "SIGCONT");
  const written = (await storedSeqs(db)).slice(-2 * all);
  const hasAll = () => frozen.seen() >= 2 * all && [crawling, slow].every(({ history }) => history.hasAll(written));
  await until("they have what they missed", hasAll, 60);
  expect([frozen.resets(), crawling.resets(), slow.resets()]).toEqual([0, 0, 0]);
  expect(crawling.connections()).toBeGreaterThan(1);

  /** Writes round by round, each when the quick reader has the one before: the most memory used, and how long a round takes. */
  async function writeAndWatch(): Promise<{ memory: number; roundMs: number }> {
    let memory = 0;
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await writeHeavyEvents(db, { channel: "agents", count: perRound, bytes: eventBytes });
      const written = (await storedSeqs(db)).slice(-perRound);
      const began = performance.now();
      await until("the quick reader has them", () => quick.history.hasAll(written), 20);
      took.push(performance.now() - began);
      memory = Math.max(memory, memoryOf(server.pid));
    }
    return { memory, roundMs: took.toSorted((a, b) => a - b)[rounds / 2] ?? 0 };
  }
}, 240_000);

const letGo = (log: string) => log.match(/"code":4408/g)?.length ?? 0;

const memoryOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** A reader in a process of its own, which can be frozen; it says all the while how much it has seen. */
async function readerProcess(url: string, token: string) {
  const code = `
    import { plainViewer } from ${JSON.stringify(join(import.meta.dir, "viewers.ts"))};
    const options = { name: "frozen", url: ${JSON.stringify(url)}, token: ${JSON.stringify(token)}, random: () => 0.5 };
    const { history, resets } = await plainViewer(options, ["agents"]);
    setInterval(() => console.log(history.seqs.size + " " + resets()), 50);`;
  const child = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe", stderr: "inherit" });
  cleanups.push(async () => child.kill("SIGKILL"));
  let last = "";
  const follow = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) last = decoder.decode(chunk).trim().split("\n").at(-1) ?? last;
  };
  void follow();
  await until("the reader has subscribed", () => last);
  const [seen, resets] = [0, 1].map((field) => () => Number(last.split(" ")[field])) as [() => number, () => number];
  return { pid: child.pid, seen, resets };
}
