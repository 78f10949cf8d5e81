/**
 * Runs a Bun command and shows only what is being done. Answers with what the command printed; when it fails, all of that
 * comes with the error. The signal ends it.
 */
export async function quietly(what: string, args: string[], signal: AbortSignal): Promise<string> {
  const start = performance.now();
  process.stdout.write(`${what} … `);
  const child = Bun.spawn([process.execPath, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe", signal });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`failed.\n${out}${err}\n\`bun ${args.join(" ")}\` ended with ${code}.`);
  console.log(`done in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
  return out.trim();
}
