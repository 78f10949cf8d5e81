import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../env.ts";

/** What signs the session cookies: as configured, else made once and kept beside the embedded database. */
export function sessionSecret({ sessionSecret, dataDir }: Pick<Config, "sessionSecret" | "dataDir">): string {
  if (sessionSecret) return sessionSecret;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, "session-secret");
  try {
    writeFileSync(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8").trim();
}
