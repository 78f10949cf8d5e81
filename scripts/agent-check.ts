/**
 * `bun run agent:check --command "…"`: drives any agent program, in any language, through the rules of docs/agents.md on a
 * server of its own, and says which of them it keeps.
 */
import { writeFileSync } from "node:fs";
import { checkAgent } from "./agent-check/check.ts";
import { startFactory } from "./agent-check/factory.ts";
import { type Options, readOptions, usage } from "./agent-check/options.ts";
import { closingLine, linesOf } from "./agent-check/report.ts";
import { quietly } from "./demo/quietly.ts";
import { isBuildStale } from "./demo/stale.ts";

process.chdir(`${import.meta.dir}/..`);
const options = optionsOrUsage();
if (options.isList) {
  for (const { name, title, rule } of options.scenarios) console.log(`${name.padEnd(12)}${title} (${rule})`);
  process.exit(0);
}

const cleanup = new AsyncDisposableStack();
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, async () => {
    if (stopping.signal.aborted) return;
    console.log("\nStopping …");
    stopping.abort();
    await cleanup.disposeAsync();
    process.exit(130);
  });
}

try {
  if (isBuildStale()) await quietly("Building", ["run", "build"], stopping.signal);
  const { leaseSeconds, isVerbose, scenarios, json, ...program } = options;
  const factory = await startFactory(cleanup, leaseSeconds);
  console.log(
    `Checking: ${program.command}\nOn a server of its own at ${factory.url}, with leases of ${leaseSeconds} s.\n`,
  );
  const findings = await checkAgent(
    {
      factory,
      scenarios,
      program: { ...program, onLine: isVerbose ? (line) => console.log(`  ${line}`) : undefined },
      onFinding: (finding) => stopping.signal.aborted || console.log(linesOf(finding)),
    },
    cleanup,
  );
  if (!stopping.signal.aborted) {
    console.log(`\n${closingLine(findings)}`);
    const isGood = findings.every(({ verdict }) => verdict === "passed" || verdict === "not applicable");
    if (json) writeFileSync(json, `${JSON.stringify({ ok: isGood, command: program.command, findings }, null, 2)}\n`);
    await cleanup.disposeAsync();
    process.exit(isGood ? 0 : 1);
  }
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    await cleanup.disposeAsync();
    process.exit(1);
  }
}

function optionsOrUsage(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\nUsage: ${usage}`);
    return process.exit(1);
  }
}
