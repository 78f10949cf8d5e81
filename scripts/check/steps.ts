/** The names of the steps that failed, in order. */
export const failures: string[] = [];

/** Runs a step and says how long it took. A failed step is noted and the next ones still run, so one run shows all. */
export async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  console.log(`\n▸ ${name}`);
  const start = performance.now();
  try {
    await work();
    console.log(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    failures.push(name);
    console.log(`  FAILED: ${error instanceof Error ? error.message : error}`);
  }
}

/** Runs a command with its output shown; rejects on any exit code but 0. `bun` and `bunx` mean the Bun that runs this. */
export async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const argv =
    command === "bun"
      ? [process.execPath, ...args]
      : command === "bunx"
        ? [process.execPath, "x", ...args]
        : [command, ...args];
  const child = Bun.spawn(argv, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(" ")} ended with ${code}`);
}
