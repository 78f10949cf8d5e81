import postgres from "postgres";
import { epochOf } from "../../server/realtime/epoch.ts";
import { ownDatabase } from "../../tests/support/database.ts";
import { startServer } from "../../tests/support/server.ts";

export const secret = "b".repeat(40);
export const redisUrl = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** Servers of one factory, on a database of their own and Redis. */
export async function factory(server: string, env: Record<string, string> = {}) {
  process.env.TEST_DATABASE_URL = server;
  const database = await ownDatabase();
  const all = {
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    SESSION_SECRET: secret,
    LOG_LEVEL: "warn",
    AGENT_OFFLINE_SECONDS: "3600",
    ...env,
  };
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  const closing = [database.drop, () => sql.end()];
  return {
    sql,
    env: all,
    /** One more instance. */
    async start(port?: number) {
      const running = await startServer({ env: all, ...(port && { port }) });
      closing.push(running.remove);
      return running;
    },
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
}

export type Factory = Awaited<ReturnType<typeof factory>>;

/** Which log this database's is. The driver's row type is its own; the caller names what its statement returns. */
export const logOf = (sql: postgres.Sql) =>
  epochOf({ query: async <Row>(text: string) => (await sql.unsafe(text)) as unknown as Row[] });
