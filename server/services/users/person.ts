import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { users } from "../../../db/schema/index.ts";
import type { Ctx, PersonActor } from "../context.ts";
import { NotFound } from "../errors.ts";
import type { Recorder } from "../mutate.ts";

type UserRow = typeof users.$inferSelect;

/** A person as admins see one. Invited: has not used the link yet. */
export interface Person extends Pick<UserRow, "id" | "name" | "email" | "role" | "disabledAt" | "createdAt"> {
  isInvited: boolean;
}

const columns = `u.id, u.name, u.email, u.role, u.disabled_at, u.created_at,
  not exists (select from accounts a where a.user_id = u.id) as is_invited`;

export async function readPeople(db: Connection, where = "true", params: unknown[] = []): Promise<Person[]> {
  const rows = await db.query<object>(
    `select ${columns} from users u where ${where} order by lower(u.name), u.id`,
    params,
  );
  return rows.map((row) => camelCased<Person>(row));
}

export async function readPerson(db: Connection, id: string): Promise<Person> {
  const [person] = await readPeople(db, "u.id = $1", [id]);
  if (!person) throw new NotFound("person");
  return person;
}

/** Locks the person's row, so that two admins change one person in turn. */
export async function lockPerson(tx: Connection, id: string): Promise<Person> {
  await tx.query("select 1 from users where id = $1 for update", [id]);
  return readPerson(tx, id);
}

/** People are audited; live pages do not show them. */
export function recordPerson(
  record: Recorder,
  action: string,
  { before, after, by }: { before?: Person | null; after: Person; by?: Pick<Ctx, "actor" | "requestId"> },
): void {
  record({
    event: null,
    entity: "user",
    action,
    id: after.id,
    revision: 0,
    before: before ?? null,
    after: before === undefined ? null : after,
    label: after.name,
    by,
  });
}

export const actorOf = ({ id, name, role }: Person): PersonActor => ({ type: "person", id, name, role });
