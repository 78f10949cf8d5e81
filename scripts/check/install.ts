import { run } from "./steps.ts";

/** Installs exactly what the lockfile names. */
export function install(): Promise<void> {
  return run("bun", ["install", "--frozen-lockfile"]);
}
