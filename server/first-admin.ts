import type { Config } from "./env.ts";
import type { Logger } from "./logger.ts";
import type { Host } from "./services/context.ts";
import { createLink, pathOf } from "./services/users/links.ts";
import { createFirstAdmin, needsSetup } from "./services/users/set-up.ts";

/** While nobody can sign in: makes the admin that was configured, else prints the link that makes one. */
export async function welcomeFirstAdmin(
  host: Host,
  { admin }: Pick<Config, "admin">,
  { url, logger }: { url: string; logger: Logger },
): Promise<void> {
  if (admin) {
    const made = await createFirstAdmin(host, { name: admin.email.split("@")[0] ?? admin.email, ...admin });
    if (made) logger.info(`${made.email} can sign in as admin with ADMIN_PASSWORD`);
    return;
  }
  if (!(await needsSetup(host.db))) return;
  const token = await createLink(host.db, "setup");
  logger.info(`Nobody can sign in yet. Make the first admin at ${url}${pathOf(token)}`);
}
