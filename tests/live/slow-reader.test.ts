import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/client.ts";
import { storedSeqs } from "../../server/realtime/testing.ts";
import { ownDatabase } from "../support/database.ts";
import { startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";
import { plainViewer } from "./viewers.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const eventBytes = 20_000;
const rounds = 5;
const perRound = 250;

test("a frozen reader costs the server little and the others nothing, and resumes without a gap", async () => {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const server = await startServer({ env: { DATABASE_URL: database.url, SESSION_SECRET: "w".repeat(40) } });
  cleanups.push(server.remove);
  const db = await openDatabase({ url: database.url });
  cleanups.push(db.close);
  const api = personClient(server.url, await signIn(server.url));
  const { token } = await api.agents.create.mutate({ name: "reader" });
  const quick = await plainViewer({ name: "quick", url: server.url, token, random: () => 0.5 }, ["agents"]);
  cleanups.push(quick.close);
  const frozen = await readerProcess(server.url, token);

  // What the server needs for events of this size with nobody in the way.
  const before = await writeAndWatch();
  await until("the reader has seen all that", () => frozen.seen() >= rounds * perRound);
  process.kill(frozen.pid, "SIGSTOP");
  const after = await writeAndWatch();
  expect(after - before).toBeLessThan(64 * 1024);
  expect(quick.connections()).toBe(1);
  await until("the frozen reader was let go", async () => (await openSockets(server.url)) === 1, 30);
  process.kill(frozen.pid, "SIGCONT");
  await until("it has what it missed", () => frozen.seen() >= 2 * rounds * perRound, 30);
  expect(frozen.resets()).toBe(0);

  /** Writes round by round, each when the quick reader has the one before; answers with the most memory that was used. */
  async function writeAndWatch(): Promise<number> {
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      await writeHeavyEvents(db);
      const written = (await storedSeqs(db)).slice(-perRound);
      await until("the quick reader has them", () => quick.history.hasAll(written), 5);
      most = Math.max(most, memoryOf(server.pid));
    }
    return most;
  }
}, 120_000);

/** Many events of 20 KB in one statement, unannounced: the server's reader finds them in the table. */
const writeHeavyEvents = (db: Database) =>
  db.query(
    `insert into events (type, channel, entity_id, revision, actor_type, actor_name, data)
     select 'agent_update', 'agents', gen_random_uuid(), 1, 'system', 'Test',
       jsonb_build_object('json', jsonb_build_object('text', repeat('x', $1::int)))
     from generate_series(1, $2::int)`,
    [eventBytes, perRound],
  );

const memoryOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

async function openSockets(url: string): Promise<number> {
  const figures = await (await fetch(`${url}/metrics`)).text();
  return Number(/^wf_websocket_connections (\d+)/m.exec(figures)?.[1]);
}

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
