import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const sources = [
  "app",
  "client",
  "public",
  "db/enums.ts",
  "scripts/precompress.ts",
  "vite.config.ts",
  "remix.config.js",
  "package.json",
  "bun.lock",
];
const outputs = ["build/server/index.js", "build/client", "build/agent-client/index.js"];

/** Whether any of what the build makes is missing, or older than anything that it is made from: a build may be cut short. */
export function isBuildStale(): boolean {
  return Math.max(...sources.map(changedAt)) > Math.min(...outputs.map(changedAt));
}

/** When the newest file at or below the path changed; 0 when there is none. */
function changedAt(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}
