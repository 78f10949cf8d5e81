import { ownDatabase } from "./database.ts";
import { type RunningServer, startServer } from "./server.ts";

/** Instances of one factory: a database of its own on Postgres, the tests' Redis, a process each. */
export async function startInstances(count: number, env: Record<string, string> = {}) {
  const database = await ownDatabase();
  const shared = {
    DATABASE_URL: database.url,
    REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
    SESSION_SECRET: "c".repeat(40),
    ...env,
  };
  const servers = await Promise.all(
    Array.from({ length: count }, (_, i) => startServer({ env: { ...shared, INSTANCE_ID: `instance-${i}` } })),
  );
  return {
    servers,
    databaseUrl: database.url,
    at(index: number): RunningServer {
      const server = servers[index];
      if (!server) throw new Error("No such instance");
      return server;
    },
    /** Kills it and starts it again in its place. */
    async replace(index: number): Promise<void> {
      const server = servers[index];
      if (server) servers[index] = await server.restart("SIGKILL");
    },
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.remove()));
      await database.drop();
    },
  };
}
