import { z } from "zod";
import type { PersonCtx } from "../context.ts";
import { id } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { role } from "./invite.ts";
import { keepAnAdmin } from "./last-admin.ts";
import { lockPerson, type Person, recordPerson } from "./person.ts";

export const setRoleInput = z.object({ id, role });

/** Takes effect within a second: calls have the new role, and open sockets are closed to connect anew. */
export function setRole(ctx: PersonCtx, input: z.output<typeof setRoleInput>): Promise<Person> {
  return mutate(ctx, async (tx, record) => {
    if (input.role !== "admin") await keepAnAdmin(tx, input.id);
    const before = await lockPerson(tx, input.id);
    if (before.role === input.role) {
      record.nothing();
      return before;
    }
    await tx.query("update users set role = $2, updated_at = now() where id = $1", [input.id, input.role]);
    const after = { ...before, role: input.role };
    recordPerson(record, "role_changed", { before, after });
    return after;
  });
}
