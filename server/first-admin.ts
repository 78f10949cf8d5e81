import type { Config } from "./env.ts";
import type { Logger } from "./logger.ts";
import type { Host } from "./services/context.ts";
import { createLink, pathOf } from "./services/users/links.ts";
import { createFirstAdmin, needsSetup } from "./services/users/set-up.ts";

/** Makes the admin that was configured, while nobody can sign in. Before the server listens, so that nobody comes too early. */
export async function makeConfiguredAdmin(host: Host, admin: Config["admin"], logger: Logger): Promise<void> {
  if (!admin) return;
  const made = await createFirstAdmin(host, { name: admin.email.split("@")[0] ?? admin.email, ...admin });
  if (made) logger.info(`${made.email} can sign in as admin with ADMIN_PASSWORD`);
}

/** While nobody can sign in: prints the link that makes the first admin. */
export async function offerSetUp(host: Host, url: string, logger: Logger): Promise<void> {
  if (!(await needsSetup(host.db))) return;
  const token = await createLink(host.db, "setup");
  logger.info(`Nobody can sign in yet. Make the first admin at ${url}${pathOf(token)}`);
}
