import { asSystem, type Host } from "../context.ts";
import { mutate } from "../mutate.ts";
import { actorOf, readPeople, recordPerson } from "./person.ts";

/** Puts a sign-in, a sign-out or a refused try into the audit log. A try at an unknown address has nobody to be kept with. */
export async function recordSignIn(
  host: Host,
  who: { email: string } | { id: string },
  { action, requestId }: { action: "signed_in" | "sign_in_failed" | "signed_out"; requestId: string },
): Promise<void> {
  const [where, value] = "id" in who ? ["u.id = $1", who.id] : ["u.email = $1", who.email];
  const [person] = await readPeople(host.db, where, [value]);
  if (!person) return;
  const by = action === "sign_in_failed" ? undefined : { actor: actorOf(person), requestId };
  await mutate(asSystem(host, requestId), async (_tx, record) => {
    recordPerson(record, action, { after: person, ...(by && { by }) });
  });
}
