import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Mutant } from "../../tests/queue/mutants.ts";

const root = join(import.meta.dir, "../..");
const left = new Set(["node_modules", "build", ".git", ".data"]);

type Verdict = { is: "red"; history: number; why: string } | { is: "survived" | "stale" | "broken"; why: string };

/** Plays against each mutant, in a process and a copy of the tree of its own, and prints a table. True when all were seen. */
export async function tryMutants(
  chosen: Record<string, Mutant>,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<boolean> {
  const width = Math.max(...Object.keys(chosen).map((name) => name.length));
  let isEachSeen = true;
  for (const [name, mutant] of Object.entries(chosen)) {
    const began = performance.now();
    const verdict = await verdictOn(mutant, { seconds, seed });
    const after = `${Math.round((performance.now() - began) / 1000)} s`;
    const told = verdict.is === "red" ? `red after ${after}, history ${verdict.history}` : `${verdict.is} (${after})`;
    console.log(`${name.padEnd(width)}  ${told.padEnd(28)}  ${verdict.why}`);
    isEachSeen &&= verdict.is === "red";
  }
  return isEachSeen;
}

async function verdictOn(
  { file, search, replace }: Mutant,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<Verdict> {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.split(search).length - 1;
  if (found !== 1) return { is: "stale", why: `what it replaces stands ${found} times in ${file}: adapt it` };
  const copy = mkdtempSync(join(tmpdir(), "wf-mutant-"));
  try {
    cpSync(root, copy, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    writeFileSync(
      join(copy, file),
      text.replace(search, () => replace),
    );
    return await play(copy, { seconds, seed });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function play(cwd: string, { seconds, seed }: { seconds: number; seed: number }): Promise<Verdict> {
  const command = [process.execPath, "scripts/model.ts", "--seconds", `${seconds}`, "--seed", `${seed}`, "--as-found"];
  // A mutant may make a history hang; so much longer than it was given none takes.
  const options = { cwd, stdout: "pipe", stderr: "pipe", timeout: (seconds + 60) * 1000 } as const;
  const child = Bun.spawn(command, options);
  const [said, why, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code === 0) return { is: "survived", why: said.trim().split("\n").at(-1) ?? "" };
  const first = (why.split("\n")[0] ?? "").slice(0, 120);
  const shownBy = /bun run model --seed (\d+)/.exec(why)?.[1];
  return shownBy
    ? { is: "red", history: Number(shownBy) - seed + 1, why: first }
    : { is: "broken", why: `ended with ${code} and no history that shows it: ${first}` };
}
