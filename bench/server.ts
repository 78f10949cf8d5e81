import { ownDatabase } from "../tests/support/database.ts";
import { startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";

/** A production server in a process of its own, on Postgres when there is one, with the admin signed in. */
export async function benchServer(server: string | undefined) {
  if (server) process.env.TEST_DATABASE_URL = server;
  const database = server ? await ownDatabase() : undefined;
  const env = { LOG_LEVEL: "warn", ...(database && { DATABASE_URL: database.url, SESSION_SECRET: "b".repeat(40) }) };
  const running = await startServer({ env });
  const cookie = await signIn(running.url);
  return {
    url: running.url,
    databaseUrl: database?.url,
    cookie,
    api: personClient(running.url, cookie),
    close: async () => {
      await running.remove();
      await database?.drop();
    },
  };
}
