import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { Role } from "../../../db/enums.ts";
import { accounts, users } from "../../../db/schema/index.ts";
import { asSystem, type Host } from "../context.ts";
import { Invalid } from "../errors.ts";
import { name } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import { email } from "./invite.ts";
import { endLinks, readLink, takeLink } from "./links.ts";
import { hashPassword, passwordProblem } from "./passwords.ts";
import { actorOf, lockPerson, type Person, readPerson, recordPerson } from "./person.ts";

/** Any fixed number; the first admin is made by one process at a time. */
const firstAdminLock = 7_142_003;

const invite = "invite:";

const password = z.string();
export const setUpInput = z.object({ token: z.string().trim().max(200), name, email, password });

/** What is wrong with a link that does not work, without saying which of the ways it was. */
const badLink = () =>
  new Invalid({ token: ["This link was used before, is too old or was cut short. Ask an admin for a new one."] });

/** Whether nobody can sign in yet. */
export async function needsSetup(db: Connection): Promise<boolean> {
  const [row] = await db.query<{ is_set_up: boolean }>("select exists (select from accounts) as is_set_up");
  return !row?.is_set_up;
}

/** Whom a link invites; null for a link that no longer works, and for the first admin's. */
export async function readInvited(db: Connection, token: string): Promise<Person | null> {
  const purpose = await readLink(db, token);
  if (!purpose?.startsWith(invite)) return null;
  const person = await readPerson(db, purpose.slice(invite.length));
  return person.disabledAt ? null : person;
}

/** Uses a set-up link: the first makes an admin, an invitation gives its person a password. Ends the person's other sessions. */
export async function setUp(host: Host, input: z.output<typeof setUpInput>, requestId: string): Promise<Person> {
  const hash = await acceptableHash(input.password, input);
  return mutate(asSystem(host, requestId), async (tx, record) => {
    const purpose = await takeLink(tx, input.token);
    if (!purpose) throw badLink();
    if (purpose === "setup") return makeFirstAdmin(tx, record, { ...input, hash });

    const before = await lockPerson(tx, purpose.slice(invite.length));
    if (before.disabledAt) throw badLink();
    await tx.query("update users set name = $2, email_verified = true, updated_at = now() where id = $1", [
      before.id,
      input.name,
    ]);
    await setPassword(tx, before.id, hash);
    const after = await readPerson(tx, before.id);
    const by = { actor: actorOf(after), requestId };
    recordPerson(record, before.isInvited ? "joined" : "password_set", { before, after, by });
    return after;
  });
}

/** The first admin as configured, the address in lower case; null when somebody can sign in already. */
export async function createFirstAdmin(
  host: Host,
  input: { name: string; email: string; password: string },
): Promise<Person | null> {
  if (!(await needsSetup(host.db))) return null;
  const hash = await acceptableHash(input.password, input);
  return mutate(asSystem(host, "first admin"), async (tx, record) => {
    const made = await makeFirstAdmin(tx, record, { ...input, hash }).catch((error) => {
      if (error instanceof Invalid) return null;
      throw error;
    });
    if (!made) record.nothing();
    return made;
  });
}

/** For operators at the command line: makes the person, or gives an existing one this password and role and enables them. */
export async function createOrRestore(
  host: Host,
  input: { name: string; email: string; password: string; role: Role },
): Promise<{ person: Person; isNew: boolean }> {
  const hash = await acceptableHash(input.password, input);
  return mutate(asSystem(host, "admin:create"), async (tx, record) => {
    const [known] = await tx.query<{ id: string }>("select id from users where email = $1", [input.email]);
    const before = known ? await lockPerson(tx, known.id) : null;
    const id = before ? before.id : await insertPerson(tx, input);
    await tx.query("update users set role = $2, disabled_at = null, updated_at = now() where id = $1", [
      id,
      input.role,
    ]);
    await setPassword(tx, id, hash);
    const person = await readPerson(tx, id);
    recordPerson(record, before ? "password_set" : "created", { before, after: person });
    return { person, isNew: !before };
  });
}

async function acceptableHash(password: string, owner: { name: string; email: string }): Promise<string> {
  const problem = passwordProblem(password, owner);
  if (problem) throw new Invalid({ password: [problem] });
  return hashPassword(password);
}

async function makeFirstAdmin(
  tx: Connection,
  record: Recorder,
  input: { name: string; email: string; hash: string },
): Promise<Person> {
  await tx.query("select pg_advisory_xact_lock($1)", [firstAdminLock]);
  if (!(await needsSetup(tx))) throw badLink();
  await endLinks(tx, "setup");
  const id = await insertPerson(tx, { ...input, role: "admin" });
  await setPassword(tx, id, input.hash);
  const person = await readPerson(tx, id);
  recordPerson(record, "created", { before: null, after: person });
  return person;
}

async function insertPerson(
  tx: Connection,
  { name, email, role }: { name: string; email: string; role: Role },
): Promise<string> {
  const [row] = await tx.orm
    .insert(users)
    .values({ name, email, role, emailVerified: true })
    .onConflictDoNothing()
    .returning();
  if (!row) throw new Invalid({ email: ["Somebody with this address is here already."] });
  return row.id;
}

/** Whoever had the old password is signed out. */
async function setPassword(tx: Connection, userId: string, hash: string): Promise<void> {
  await tx.query("delete from accounts where user_id = $1 and provider_id = 'credential'", [userId]);
  await tx.orm.insert(accounts).values({ userId, accountId: userId, providerId: "credential", password: hash });
  await tx.query("delete from sessions where user_id = $1", [userId]);
}
