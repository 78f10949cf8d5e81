import { execFile } from "node:child_process";
import { lstat, readdir, realpath } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { NonRetryable } from "../../client/index.ts";
import type { FileList } from "./results.ts";

const notOurs = new Set(["node_modules", ".git", "build", ".data", ".vite", "test-results", "playwright-report"]);

/**
 * The files of a checkout, or of a folder in it: those that git tracks, or without git all that are not made or installed.
 * Sorted by path; paths are those within the checkout.
 */
export async function listFiles(root: string, folder = "."): Promise<FileList> {
  const within = await pathWithin(root, folder);
  const tracked = await trackedFiles(root, within);
  const paths = tracked ?? (await walk(root, within));
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

/** "" for the checkout itself. A task's input must not lead the agent to other places on its machine, by links neither. */
async function pathWithin(root: string, folder: string): Promise<string> {
  const place = await realpath(resolve(root, folder)).catch(() => {
    throw new NonRetryable(`There is no folder ${folder} in this checkout.`);
  });
  const path = relative(await realpath(root), place);
  if (path === ".." || path.startsWith(`..${sep}`)) {
    throw new NonRetryable(`The folder ${folder} is outside of this checkout. Name one inside, such as "docs".`);
  }
  return path;
}

async function trackedFiles(root: string, folder: string): Promise<string[] | undefined> {
  const args = ["ls-files", "-z", "--", folder || "."];
  try {
    const { stdout } = await promisify(execFile)("git", args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
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
