import { execFile } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FileList } from "./results.ts";

const notOurs = new Set(["node_modules", ".git", "build", ".data", ".vite", "test-results", "playwright-report"]);

/** The files of a checkout: those that git tracks, or without git all that are not made or installed. Sorted by path. */
export async function listFiles(root: string): Promise<FileList> {
  const tracked = await trackedFiles(root);
  const paths = tracked ?? (await walk(root, ""));
  const files: string[] = [];
  let bytes = 0;
  for (const path of paths.toSorted()) {
    // A tracked file may be deleted on disk, and a link is no content of its own.
    const stat = await lstat(join(root, path)).catch(() => undefined);
    if (!stat?.isFile()) continue;
    files.push(path);
    bytes += stat.size;
  }
  return { kind: "files", source: tracked ? "git" : "walk", files, bytes };
}

async function trackedFiles(root: string): Promise<string[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", ["ls-files", "-z"], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    const paths = stdout.split("\0").filter(Boolean);
    return paths.length > 0 ? paths : undefined;
  } catch {
    // No git, or no repository: a downloaded archive.
    return undefined;
  }
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isFile()) return [path];
      return entry.isDirectory() && !notOurs.has(entry.name) ? walk(root, path) : [];
    }),
  );
  return lists.flat();
}
