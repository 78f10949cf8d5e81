import { createHash, randomBytes } from "node:crypto";

export interface NewToken {
  /** Shown once and kept nowhere. */
  token: string;
  /** Its first characters, to tell tokens apart. */
  prefix: string;
  /** What the database keeps. */
  hash: string;
}

/** A fresh agent token: 256 random bits. */
export function newToken(): NewToken {
  const token = `wfd_${randomBytes(32).toString("base64url")}`;
  return { token, prefix: token.slice(0, 12), hash: hashToken(token) };
}

/** SHA-256, hex. A token is random all over, so a slow hash would protect nothing more. */
export const hashToken = (token: string) => createHash("sha256").update(token).digest("hex");
