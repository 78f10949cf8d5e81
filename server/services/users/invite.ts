import { z } from "zod";
import { roles } from "../../../db/enums.ts";
import { users } from "../../../db/schema/index.ts";
import type { PersonCtx } from "../context.ts";
import { Invalid } from "../errors.ts";
import { id, name } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { createLink, endLinks, pathOf } from "./links.ts";
import { lockPerson, type Person, readPerson, recordPerson } from "./person.ts";

export const email = z
  .string("Give an e-mail address, as in ann@example.org.")
  .trim()
  .toLowerCase()
  .pipe(z.email("Give an e-mail address, as in ann@example.org."))
  .pipe(z.string().max(254));
export const role = z.enum(roles, { error: "Choose viewer, operator or admin." });

export const inviteInput = z.object({ email, name, role });

/** `link` is the path of the page where the person chooses a password; it is shown once and works for seven days. */
export interface Invitation {
  user: Person;
  link: string;
}

export function inviteUser(ctx: PersonCtx, input: z.output<typeof inviteInput>): Promise<Invitation> {
  return mutate(ctx, async (tx, record) => {
    const [row] = await tx.orm.insert(users).values(input).onConflictDoNothing().returning();
    if (!row) throw new Invalid({ email: ["Somebody with this address is here already."] });
    const user = await readPerson(tx, row.id);
    recordPerson(record, "invited", { before: null, after: user });
    return { user, link: pathOf(await createLink(tx, `invite:${user.id}`)) };
  });
}

export const linkInput = z.object({ id });

/** A fresh link for somebody who lost theirs or forgot the password; older links of theirs end. */
export function newLink(ctx: PersonCtx, input: z.output<typeof linkInput>): Promise<Invitation> {
  return mutate(ctx, async (tx, record) => {
    const user = await lockPerson(tx, input.id);
    await endLinks(tx, `invite:${user.id}`);
    recordPerson(record, "link_made", { after: user });
    return { user, link: pathOf(await createLink(tx, `invite:${user.id}`)) };
  });
}
