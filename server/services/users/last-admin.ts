import type { Connection } from "../../../db/client.ts";
import { Conflict } from "../errors.ts";

/**
 * Refuses to take away the last admin who can sign in. The admins' rows are locked, so two admins who demote each
 * other at the same moment do so in turn and the second is refused.
 */
export async function keepAnAdmin(tx: Connection, leaving: string): Promise<void> {
  const admins = await tx.query<{ id: string }>(
    `select u.id from users u where u.role = 'admin' and u.disabled_at is null
       and exists (select from accounts a where a.user_id = u.id)
     order by u.id for update of u`,
  );
  if (admins.length === 1 && admins[0]?.id === leaving) {
    throw new Conflict("last_admin", "This is the last admin who can sign in. Make somebody else an admin first.");
  }
}
