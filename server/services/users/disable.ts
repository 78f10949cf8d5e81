import type { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { PersonCtx } from "../context.ts";
import { mutate, type Recorder } from "../mutate.ts";
import type { linkInput } from "./invite.ts";
import { keepAnAdmin } from "./last-admin.ts";
import { endLinks } from "./links.ts";
import { lockPerson, type Person, readPerson, recordPerson } from "./person.ts";

type UserId = z.output<typeof linkInput>;

/** Ends the person's sessions and links; what they did stays theirs. */
export function disableUser(ctx: PersonCtx, input: UserId): Promise<Person> {
  return mutate(ctx, async (tx, record) => {
    await keepAnAdmin(tx, input.id);
    await tx.query("delete from sessions where user_id = $1", [input.id]);
    await endLinks(tx, `invite:${input.id}`);
    return change(tx, record, { id: input.id, action: "disabled", set: "disabled_at = coalesce(disabled_at, now())" });
  });
}

export function enableUser(ctx: PersonCtx, input: UserId): Promise<Person> {
  return mutate(ctx, (tx, record) =>
    change(tx, record, { id: input.id, action: "enabled", set: "disabled_at = null" }),
  );
}

async function change(
  tx: Connection,
  record: Recorder,
  { id, action, set }: { id: string; action: string; set: string },
): Promise<Person> {
  const before = await lockPerson(tx, id);
  await tx.query(`update users set ${set}, updated_at = now() where id = $1`, [id]);
  const after = await readPerson(tx, id);
  if ((before.disabledAt === null) === (after.disabledAt === null)) record.nothing();
  else recordPerson(record, action, { before, after });
  return after;
}
