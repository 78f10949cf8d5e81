import { ownDatabase } from "../../tests/support/database.ts";
import { type admin, startServer } from "../../tests/support/server.ts";
import { personClient, signIn } from "../../tests/support/sign-in.ts";
import { WrongOption } from "./options.ts";

export interface Factory {
  url: string;
  api: ReturnType<typeof personClient>;
  /** Others work with it as well. */
  isShared: boolean;
  /** Ends what was started for the simulation. */
  close(): Promise<void>;
}

/** A server of the simulation's own: on the embedded database, or on a database of its own beside DATABASE_URL's. */
export async function ownFactory({
  DATABASE_URL,
  REDIS_URL,
  ...more
}: Record<string, string | undefined>): Promise<Factory> {
  const { LEASE_SECONDS = "3", SWEEP_SECONDS = "1" } = more;
  const database = DATABASE_URL ? await ownDatabase(DATABASE_URL) : undefined;
  const env = {
    LOG_LEVEL: "warn",
    LEASE_SECONDS,
    SWEEP_SECONDS,
    ...(REDIS_URL && { REDIS_URL }),
    ...(database && { DATABASE_URL: database.url, SESSION_SECRET: "s".repeat(40) }),
  };
  // A group of its own: Ctrl-C goes to the simulation alone, which needs its server for the report.
  const server = await startServer({ env, detached: true });
  return {
    url: server.url,
    api: personClient(server.url, await signIn(server.url)),
    isShared: false,
    close: async () => {
      await server.remove();
      await database?.drop();
    },
  };
}

/** A factory that runs already. */
export async function givenFactory(url: string, person: typeof admin): Promise<Factory> {
  const base = url.replace(/\/+$/, "");
  const ready = await fetch(`${base}/readyz`).catch(() => undefined);
  if (!ready?.ok) throw new WrongOption(`--url: no factory that is ready answers at ${base}.`);
  const cookie = await signIn(base, person).catch((error: Error) => {
    throw new WrongOption(
      `--admin-email: ${person.email} could not sign in at ${base}: a wrong password, or nobody there. ${error.message}.`,
    );
  });
  const api = personClient(base, cookie);
  const { items } = await api.tasks.list.query({ status: "pending", limit: 200 });
  const forAnyone = items.filter((task) => task.requiredCapabilities.length === 0);
  if (forAnyone.length > 0) {
    throw new WrongOption(
      `--url: the factory at ${base} has pending tasks that any agent may take, and simulated agents would. Use a factory without.`,
    );
  }
  return { url: base, api, isShared: true, close: async () => {} };
}
