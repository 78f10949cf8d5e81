import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "../../tests/support/server.ts";
import { personClient, signIn } from "../../tests/support/sign-in.ts";

export type Person = ReturnType<typeof personClient>;

/** A server to throw away, with a person who is signed in to it. */
export interface Factory {
  url: string;
  leaseSeconds: number;
  person: Person;
  /** The server ends by this signal and starts again, on the same port and data. */
  restart(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a server on the embedded database, in a folder and on a port of its own. `cleanup` ends it and removes its data. */
export async function startFactory(cleanup: AsyncDisposableStack, leaseSeconds: number): Promise<Factory> {
  const admin = { email: "check@example.test", password: crypto.randomUUID() };
  const dataDir = join(tmpdir(), `wf-agent-check-${crypto.randomUUID()}`);
  const closing = new AbortController();
  let starting: Promise<RunningServer> | undefined;
  // Before anything is started: the end may come at any moment.
  cleanup.defer(async () => {
    closing.abort();
    const server = await starting?.catch(() => undefined);
    await server?.stop("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });
  starting = startServer({
    dataDir,
    // A group of its own: Ctrl-C goes to the check alone, which then ends it.
    detached: true,
    env: {
      LEASE_SECONDS: String(leaseSeconds),
      SWEEP_SECONDS: "1",
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
    },
  });
  const { url } = await starting;
  const person = personClient(url, await signIn(url, admin));
  void approveAll(person, closing.signal);
  return {
    url,
    leaseSeconds,
    person,
    async restart(signal) {
      starting = starting?.then((server) => server.restart(signal));
      await starting;
    },
  };
}

/** A program may ask before it acts. Here it is always allowed. */
async function approveAll(person: Person, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The server may be down on purpose, and a question may be settled by a cancelled task: the next round sees.
    const open = await person.suggestions.list.query({ status: "pending" }).catch(() => ({ items: [] }));
    await Promise.allSettled(open.items.map(({ id }) => person.suggestions.approve.mutate({ id })));
    await Bun.sleep(200);
  }
}
