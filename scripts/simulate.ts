/**
 * `bun run simulate`: simulated agents at work on a factory, honest ones and others, and the factory's records held
 * against what they were told. Exit 1 when a promise was not kept.
 */
import { writeFileSync } from "node:fs";
import { TRPCClientError } from "@trpc/client";
import { quietly } from "./demo/quietly.ts";
import { isBuildStale } from "./demo/stale.ts";
import { type Factory, givenFactory, ownFactory } from "./simulate/factory.ts";
import { type Options, readOptions, usage, WrongOption } from "./simulate/options.ts";
import { liveLine, reportOf, wordsOf } from "./simulate/report.ts";
import { simulate } from "./simulate/simulate.ts";

let factory: Factory | undefined;
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, async () => {
    if (stop.signal.aborted) {
      await factory?.close();
      process.exit(130);
    }
    console.log("\nStopping; the report follows. Once more to stop without it.");
    stop.abort();
  });
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  factory = await openFactory(options);
  const start = performance.now();
  console.log(`${options.agents} agents (${options.profile}, seed ${options.seed}) at ${factory.url}`);
  const simulation = await simulate(factory, options, {
    signal: stop.signal,
    say: console.log,
    onTick: (tap) => console.log(liveLine(tap, (performance.now() - start) / 1000)),
  });
  const report = reportOf(simulation, options);
  console.log(wordsOf(report));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.check.violations.length > 0 ? 1 : 0;
} catch (error) {
  if (error instanceof WrongOption) console.error(`${error.message}\nUsage: ${usage}`);
  else console.error(error instanceof TRPCClientError ? error.message : error);
  process.exitCode = 1;
}
await factory?.close();
process.exit();

async function openFactory({ factory }: Options): Promise<Factory> {
  if (factory) return givenFactory(factory.url, factory.admin);
  process.chdir(`${import.meta.dir}/..`);
  if (isBuildStale()) await quietly("Building", ["run", "build"], stop.signal);
  return ownFactory(process.env);
}
