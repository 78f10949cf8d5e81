import { type Database, openDatabase } from "../../db/client.ts";
import { ownDatabase } from "../support/database.ts";
import { startProxy, type TcpProxy } from "../support/proxy.ts";
import { seeded } from "../support/seeded.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";

export const seed = Number(process.env.STRESS_SEED ?? 20_261_122);

/** Each that decides something has a generator of its own: what it decides does not hang on when the others did. */
export const randomOf = (name: string) => seeded(Bun.hash.crc32(`${seed} ${name}`));

export function pick<Item>(items: Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from");
  return item;
}

type Cleanup = () => Promise<unknown>;

export interface Stage {
  instances: RunningServer[];
  /** Between the instances and Redis. */
  redis: TcpProxy;
  db: Database;
  /** A way to the instances for this one alone; each connection goes to one of them. */
  lineOf(name: string): Promise<TcpProxy>;
  /** A person, who asks any of the instances with each call. */
  apiOf(random: () => number): () => ReturnType<typeof personClient>;
  tokenOf(name: string): Promise<string>;
  atEnd(clean: Cleanup): void;
}

export async function openStage(atEnd: (clean: Cleanup) => void): Promise<Stage> {
  const database = await ownDatabase();
  atEnd(database.drop);
  const redisUrl = new URL(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379");
  const redis = await startProxy(() => Number(redisUrl.port || 6379));
  atEnd(redis.close);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: Object.assign(new URL(redisUrl), { port: String(redis.port) }).href,
    SESSION_SECRET: "s".repeat(40),
    // Reads derive it from the time, before anyone is told: not during this test.
    AGENT_OFFLINE_SECONDS: "600",
  };
  const instances = await Promise.all(
    Array.from({ length: 3 }, (_, i) => startServer({ env: { ...env, INSTANCE_ID: `instance-${i}` } })),
  );
  for (const i of instances.keys()) atEnd(async () => instances[i]?.remove());
  const db = await openDatabase({ url: database.url, poolSize: 12 });
  atEnd(db.close);

  const cookie = await signIn(instances[0]?.url ?? "");
  const apiOf = (random: () => number) => () => personClient(pick(instances, random).url, cookie);
  const setUp = apiOf(randomOf("set-up"));
  return {
    instances,
    redis,
    db,
    apiOf,
    atEnd,
    tokenOf: async (name) => (await setUp().agents.create.mutate({ name })).token,
    async lineOf(name) {
      const random = randomOf(`line of ${name}`);
      const line = await startProxy(() => Number(new URL(pick(instances, random).url).port));
      atEnd(line.close);
      return line;
    },
  };
}
