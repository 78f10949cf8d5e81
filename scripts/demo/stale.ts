import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const sources = [
  "app",
  "client",
  "public",
  "db/enums.ts",
  "vite.config.ts",
  "remix.config.js",
  "package.json",
  "bun.lock",
];
const outputs = ["build/server/index.js", "build/client", "build/agent-client/index.js"];

/** Whether what the build makes is missing, or older than anything that it is made from. */
export function isBuildStale(): boolean {
  const built = outputs.map(changedAt);
  return Math.min(...built) === 0 || Math.max(...sources.map(changedAt)) > Math.max(...built);
}

/** When the newest file at or below the path changed; 0 when there is none. */
function changedAt(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}
