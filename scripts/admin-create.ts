import { parseArgs } from "node:util";
import { z } from "zod";
import { openDatabase } from "../db/client.ts";
import { DataDirLocked } from "../db/lock.ts";
import { migrate } from "../db/migrate.ts";
import { EnvProblems, readEnv } from "../server/env.ts";
import { createHost } from "../server/host.ts";
import { memoryBus } from "../server/realtime/bus.ts";
import { DomainError } from "../server/services/errors.ts";
import { email, role } from "../server/services/users/invite.ts";
import { createOrRestore } from "../server/services/users/set-up.ts";

const usage = "bun run admin:create --email ann@example.org --password '…' [--name Ann] [--role admin|operator|viewer]";
const argsSchema = z.object({
  email,
  password: z.string({ error: "Give a --password." }),
  name: z.string().trim().min(1).max(255).optional(),
  role: role.default("admin"),
});

try {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { email: text, password: text, name: text, role: text } });
  const { success, data: args, error } = argsSchema.safeParse(values);
  if (!success) throw new TypeError(error.issues.map(({ message }) => message).join("\n"));

  const { databaseUrl, dataDir } = readEnv();
  const db = await openDatabase({ url: databaseUrl, dataDir });
  await migrate(db, databaseUrl);
  const host = createHost({ db, bus: memoryBus(), onError: (name, cause) => console.error(name, cause) });
  const name = args.name ?? args.email.split("@")[0] ?? args.email;
  const { person, isNew } = await createOrRestore(host, { ...args, name });
  await host.background.drain();
  await db.close();
  const what = isNew ? "can sign in now" : "has the new password and role, and was signed out everywhere";
  console.log(`${person.email} (${person.role}) ${what}.`);
} catch (error) {
  const isForPeople = [EnvProblems, DataDirLocked, DomainError].some((kind) => error instanceof kind);
  if (error instanceof TypeError) console.error(`${error.message}\nUsage: ${usage}`);
  else console.error(isForPeople && error instanceof Error ? error.message : error);
  process.exit(1);
}
