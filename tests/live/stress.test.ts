import { afterAll, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/client.ts";
import { type Channel, channels } from "../../db/enums.ts";
import { storedSeqs, writeEvent } from "../../server/realtime/testing.ts";
import { ownDatabase } from "../support/database.ts";
import { startProxy, type TcpProxy } from "../support/proxy.ts";
import { seeded } from "../support/seeded.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";
import { writeHeavyEvents } from "./heavy.ts";
import { plainViewer, trpcViewer, type Viewer } from "./viewers.ts";

const seed = Number(process.env.STRESS_SEED ?? 20_261_122);
const random = seeded(seed);
const workMs = 15_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test(`through kills, stops, cuts and a lost Redis every viewer sees every committed event (seed ${seed})`, async () => {
  const stage = await factory();
  const { instances, db, way, narrows } = stage;
  const cookie = await signIn(pick(instances).url);
  const api = () => personClient(pick(instances).url, cookie);
  const tokenOf = async (name: string) => (await api().agents.create.mutate({ name })).token;
  const viewers = await openViewers(way, tokenOf);
  const laggards = await openLaggards(narrows, tokenOf);

  // Every viewer is connected from here on.
  const { id: workflowId, tasks } = await api().workflows.create.mutate({
    name: "Stress",
    tasks: Array.from({ length: 4 }, (_, i) => ({ key: `t${i}`, name: `Task ${i}` })),
  });
  const [first] = await db.query<{ seq: number }>("select seq from events where entity_id = $1", [workflowId]);
  const from = first?.seq ?? 0;

  const renames = tasks.map(({ id }, writer) => async (turn: number) => {
    // An instance that dies meanwhile leaves it open whether this was done; the log knows.
    const name = `Name ${writer}-${turn}`;
    await api()
      .tasks.update.mutate({ id, name })
      .catch(() => Bun.sleep(50));
  });
  const loops = [
    ...renames,
    ...Array.from({ length: 8 }, () => writerInDisorder(db)),
    cutter(way),
    flooder(db, narrows),
  ];
  await disturbed(stage, loops);

  const heavy = await seqsOf(db, heavyChannel);
  const committed = (await storedSeqs(db)).filter((seq) => seq >= from && !heavy.includes(seq));
  // If they do not, the verdict says what is missing.
  await until("all have caught up", () => viewers.every(({ history }) => history.hasAll(committed))).catch(() => {});
  for (const { name, history, resets } of viewers) {
    const wrong = history.verdict(committed, from).slice(0, 10);
    expect({ name, wrong, resets: resets() }).toEqual({ name, wrong: [], resets: 0 });
    for (const { id } of tasks) {
      expect(history.revisionOf(id)).toBe((await api().tasks.byId.query({ id })).revision);
    }
  }
  await until("the laggards have, too", () => laggards.every(({ history }) => history.hasAll(heavy))).catch(() => {});
  for (const { name, history, resets } of laggards) {
    const wrong = history.verdict(heavy).slice(0, 10);
    expect({ name, wrong, resets: resets() }).toEqual({ name, wrong: [], resets: 0 });
  }
  // Otherwise this would have tried nothing.
  expect(heavy.length).toBeGreaterThan(100);
  expect(committed.length).toBeGreaterThan(200);
  const connections = viewers.reduce((sum, viewer) => sum + viewer.connections(), 0);
  expect(connections).toBeGreaterThan(viewers.length * 3);
  const repeated = viewers.reduce((sum, { history }) => sum + history.duplicates, 0);
  console.log(
    `  ${committed.length} events and ${heavy.length} heavy ones, ${viewers.length} viewers, ${connections} connections, ${repeated} repeated`,
  );
}, 120_000);

function pick<Item>(items: Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from");
  return item;
}

interface Stage {
  instances: RunningServer[];
  /** Between the instances and Redis. */
  redis: TcpProxy;
  /** Between the viewers and the instances; each connection goes to one of them. */
  way: TcpProxy;
  /** The same for those who lag. */
  narrows: TcpProxy;
  db: Database;
}

async function factory(): Promise<Stage> {
  const database = await ownDatabase();
  cleanups.push(database.drop);
  const redisUrl = new URL(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379");
  const redis = await startProxy(() => Number(redisUrl.port || 6379));
  cleanups.push(redis.close);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: Object.assign(new URL(redisUrl), { port: String(redis.port) }).href,
    SESSION_SECRET: "s".repeat(40),
  };
  const instances = await Promise.all(
    Array.from({ length: 3 }, (_, i) => startServer({ env: { ...env, INSTANCE_ID: `instance-${i}` } })),
  );
  for (const i of instances.keys()) cleanups.push(async () => instances[i]?.remove());
  const toSome = () => startProxy(() => Number(new URL(pick(instances).url).port));
  const [way, narrows] = await Promise.all([toSome(), toSome()]);
  cleanups.push(way.close, narrows.close);
  const db = await openDatabase({ url: database.url, poolSize: 10 });
  cleanups.push(db.close);
  return { instances, redis, way, narrows, db };
}

/** What those see who lag, and nobody else. */
const heavyChannel = "comments";
const light = channels.filter((channel) => channel !== heavyChannel);

async function openLaggards(narrows: TcpProxy, tokenOf: (name: string) => Promise<string>): Promise<Viewer[]> {
  const viewers = await Promise.all(
    [plainViewer, trpcViewer].map(async (open, i) => {
      const name = `laggard-${i}`;
      const url = `http://127.0.0.1:${narrows.port}`;
      // Patient enough to lag on an open connection, and not so patient that a frozen instance would keep it.
      return open({ name, url, token: await tokenOf(name), random, pingMs: 4000 }, [heavyChannel]);
    }),
  );
  for (const viewer of viewers) cleanups.push(viewer.close);
  return viewers;
}

const seqsOf = async (db: Database, channel: Channel) =>
  (await db.query<{ seq: number }>("select seq from events where channel = $1 order by seq", [channel])).map(
    ({ seq }) => seq,
  );

async function openViewers(way: TcpProxy, tokenOf: (name: string) => Promise<string>): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  for (let i = 0; i < 12; i++) {
    const name = `viewer-${i}`;
    const options = { name, url: `http://127.0.0.1:${way.port}`, token: await tokenOf(name), random };
    const viewer = i % 4 === 0 ? await plainViewer(options, light) : await trpcViewer(options, light);
    viewers.push(viewer);
    cleanups.push(viewer.close);
  }
  return viewers;
}

/** Runs the loops for the time of the test, while an instance is killed, Redis goes away and another instance freezes. */
async function disturbed({ instances, redis }: Stage, loops: ((turn: number) => Promise<unknown>)[]): Promise<void> {
  let isOver = false;
  const running = loops.map(async (step) => {
    for (let turn = 0; !isOver; turn++) await step(turn);
  });
  const end = Bun.sleep(workMs);

  await Bun.sleep(2000);
  const victim = Math.floor(random() * instances.length);
  const killed = instances[victim];
  if (killed) instances[victim] = await killed.restart("SIGKILL");
  await Bun.sleep(1000);
  redis.refuse(true);
  await Bun.sleep(2000);
  redis.refuse(false);
  const { pid } = pick(instances);
  process.kill(pid, "SIGSTOP");
  await Bun.sleep(2500);
  process.kill(pid, "SIGCONT");

  await end;
  isOver = true;
  await Promise.all(running);
}

class RolledBack extends Error {}

/** Holds commits back, and rolls back after a number was taken; the bus hears nothing of it. */
function writerInDisorder(db: Database): () => Promise<void> {
  const entityId = crypto.randomUUID();
  let revision = 0;
  return async () => {
    const [delay, fate] = [random(), random()];
    await db
      .transaction(async (tx) => {
        await writeEvent(tx, { entityId, revision: revision + 1 });
        if (delay < 0.5) await tx.query("select pg_sleep($1)", [delay / 4]);
        if (fate < 0.2) throw new RolledBack();
      })
      .then(() => revision++)
      .catch((error) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    await Bun.sleep(random() * 100);
  };
}

/** Cuts a third of the viewers' connections now and then. */
const cutter = (way: TcpProxy) => async () => {
  await Bun.sleep(200 + random() * 600);
  way.reset(() => random() < 0.3);
};

/** Holds back what goes to the laggards while more happens than any socket takes, then lets it come. */
const flooder = (db: Database, narrows: TcpProxy) => async () => {
  narrows.pace(0);
  await writeHeavyEvents(db, { channel: heavyChannel, count: 60, bytes: 200_000 });
  await Bun.sleep(1500 + random() * 500);
  narrows.pace(Number.POSITIVE_INFINITY);
  await Bun.sleep(2500 + random() * 1000);
};
