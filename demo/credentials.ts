import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the demo must remember between two starts. Beside the data, readable by its owner alone. */
export interface DemoFile {
  /** The demo's own admin. */
  email?: string;
  password?: string;
  /** Tokens of the sample agents, by name. */
  tokens?: Record<string, string>;
}

const fileIn = (dataDir: string) => join(dataDir, "demo.json");

export function readDemoFile(dataDir: string): DemoFile {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), "utf8")) as DemoFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new Error(`${fileIn(dataDir)} cannot be read (${error}). Delete it and start again.`);
  }
}

export function updateDemoFile(dataDir: string, changes: DemoFile): DemoFile {
  const demo = { ...readDemoFile(dataDir), ...changes };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(fileIn(dataDir), `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  return demo;
}
