import { createHash, randomBytes } from "node:crypto";
import type { Connection } from "../../../db/client.ts";

/** Whose link it is: the first admin's, or one invited person's. */
export type LinkFor = "setup" | `invite:${string}`;

/** A link's token works once and for this long. */
const days = 7;

/** Makes a token for a set-up link and keeps its hash. */
export async function createLink(tx: Connection, purpose: LinkFor): Promise<string> {
  const token = randomBytes(24).toString("base64url");
  await tx.query(
    `insert into verifications (id, identifier, value, expires_at)
     values ($1, $2, $3, now() + interval '${days} days')`,
    [Bun.randomUUIDv7(), purpose, hashOf(token)],
  );
  return token;
}

/** Uses a token up; undefined when it is unknown, used or too old. */
export async function takeLink(tx: Connection, token: string): Promise<LinkFor | undefined> {
  const [row] = await tx.query<{ identifier: LinkFor }>(
    "delete from verifications where value = $1 and expires_at > now() returning identifier",
    [hashOf(token)],
  );
  return row?.identifier;
}

/** Whose link it is, without using it up. */
export async function readLink(db: Connection, token: string): Promise<LinkFor | undefined> {
  const [row] = await db.query<{ identifier: LinkFor }>(
    "select identifier from verifications where value = $1 and expires_at > now()",
    [hashOf(token)],
  );
  return row?.identifier;
}

/** Ends every link with this purpose. */
export async function endLinks(tx: Connection, purpose: LinkFor): Promise<void> {
  await tx.query("delete from verifications where identifier = $1", [purpose]);
}

export const pathOf = (token: string) => `/setup?token=${token}`;

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");
