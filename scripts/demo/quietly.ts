/** Runs a Bun command and shows only what is being done; all that it printed comes with the error when it fails. */
export async function quietly(what: string, args: string[]): Promise<void> {
  const start = performance.now();
  process.stdout.write(`${what} … `);
  const child = Bun.spawn([process.execPath, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`failed.\n${out}${err}\n\`bun ${args.join(" ")}\` ended with ${code}.`);
  console.log(`done in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
}
