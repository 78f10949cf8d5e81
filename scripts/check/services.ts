import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { createClient } from "redis";
import { aptInstall } from "./apt.ts";

interface Service {
  url: string;
  stop(): Promise<void>;
}

/**
 * A Postgres and a Redis for the tests: those named by DATABASE_URL and REDIS_URL, else servers on the default local
 * ports, else private ones started from installed binaries, else (root on Debian) installed first.
 */
export async function findServices() {
  const database = (await runningPostgres()) ?? (await startPostgres());
  const redis = (await runningRedis()) ?? (await startRedis());
  return {
    databaseUrl: database.url,
    redisUrl: redis.url,
    [Symbol.asyncDispose]: async () => {
      await database.stop();
      await redis.stop();
    },
  };
}

const running = (url: string): Service => ({ url, stop: async () => {} });

async function runningPostgres(): Promise<Service | undefined> {
  const given = process.env.DATABASE_URL;
  const user = userInfo().username;
  const local = [user, "postgres", "postgres:postgres"].map((who) => `postgres://${who}@127.0.0.1:5432/postgres`);
  for (const url of given ? [given] : local) if (await answersPostgres(url)) return running(url);
  if (given) throw new Error("DATABASE_URL is set but no Postgres answers there, or its user may not create databases");
  return undefined;
}

/** True when the server answers and its user may create databases: every test file makes its own. */
async function answersPostgres(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
  try {
    const [row] = await sql`select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user`;
    return row?.may === true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function runningRedis(): Promise<Service | undefined> {
  const given = process.env.REDIS_URL;
  const url = given ?? "redis://127.0.0.1:6379";
  if (await answersRedis(url)) return running(url);
  if (given) throw new Error("REDIS_URL is set but no Redis answers there");
  return undefined;
}

async function answersRedis(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { connectTimeout: 2000, reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

async function startPostgres(): Promise<Service> {
  if (!postgresBin()) await aptInstall("postgresql");
  const bin = postgresBin();
  if (!bin) throw new Error("Postgres is needed: start one on port 5432, or set DATABASE_URL");
  const folder = mkdtempSync(join(tmpdir(), "wf-check-pg-"));
  const port = freePort();
  const data = join(folder, "data");
  // Postgres refuses to run as root; Debian's package brings a user for it.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await Bun.$`chown postgres ${folder}`;
  const as = isRoot ? ["runuser", "-u", "postgres", "--"] : [];
  await Bun.$`${as} ${join(bin, "initdb")} -D ${data} -U postgres -A trust -E UTF8 --locale=C`.quiet();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  await Bun.$`${as} ${join(bin, "pg_ctl")} -D ${data} -o ${options} -l ${join(folder, "log")} -w start`.quiet();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await Bun.$`${as} ${join(bin, "pg_ctl")} -D ${data} -m immediate stop`.quiet();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where initdb and pg_ctl are: on the PATH, or in Debian's folder of the newest version. */
function postgresBin(): string | undefined {
  const onPath = Bun.which("initdb");
  if (onPath) return join(onPath, "..");
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(debian, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

async function startRedis(): Promise<Service> {
  if (!Bun.which("redis-server")) await aptInstall("redis-server");
  const port = freePort();
  const child = Bun.spawn(
    ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0; !(await answersRedis(url)); tries++) {
    if (tries === 50) throw new Error("The private Redis did not come up");
    await Bun.sleep(100);
  }
  return {
    url,
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop();
  return port;
}
