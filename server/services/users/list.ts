import type { Ctx } from "../context.ts";
import { type Person, readPeople } from "./person.ts";

/** Everybody, by name. One installation is one team, so there are no pages. */
export async function listUsers(ctx: Ctx): Promise<{ items: Person[]; nextCursor: null }> {
  return { items: await readPeople(ctx.db), nextCursor: null };
}
