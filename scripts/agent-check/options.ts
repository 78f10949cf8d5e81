import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import type { ProgramOptions } from "./stand.ts";

export const usage = `bun run agent:check --command "node my-agent.mjs" [options]

  --command        starts the program under test; it finds FACTORY_URL, FACTORY_TOKEN and FACTORY_CAPABILITY in its environment
  --capability     what its tasks require (default: check)
  --input          a JSON object that goes into every task's input, beside "seconds"
  --only           names of scenarios, separated by commas
  --list           names the scenarios and ends
  --json           a file that gets the report as JSON
  --verbose        shows what the program prints
  --cwd            where the command runs (default: this checkout)
  --lease-seconds  how long leases are, 2 to 60 (default: 4)
  --drain-seconds  how long the program may take to end after SIGTERM (default: 30)
  --patience       how many seconds to wait for what should happen (default: 30)`;

export interface Options extends Omit<ProgramOptions, "onLine"> {
  isList: boolean;
  isVerbose: boolean;
  json: string | undefined;
  leaseSeconds: number;
  scenarios: readonly Scenario[];
}

/** What was asked for; a `TypeError` says what is wrong with it. */
export function readOptions(args: string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args,
    options: {
      command: text,
      capability: text,
      input: text,
      only: text,
      list: flag,
      json: text,
      verbose: flag,
      cwd: text,
      "lease-seconds": text,
      "drain-seconds": text,
      patience: text,
    },
  });
  if (!values.list && !values.command?.trim()) {
    throw new TypeError('--command is missing: say how the program is started, such as --command "node my-agent.mjs".');
  }
  const cwd = resolve(values.cwd ?? ".");
  if (!existsSync(cwd)) throw new TypeError(`--cwd: there is no folder ${cwd}.`);
  return {
    command: values.command ?? "",
    cwd,
    capability: capabilityOf(values.capability ?? "check"),
    input: inputOf(values.input ?? "{}"),
    drainSeconds: secondsOf("--drain-seconds", values["drain-seconds"] ?? "30", 1, 600),
    patienceSeconds: secondsOf("--patience", values.patience ?? "30", 5, 3600),
    leaseSeconds: secondsOf("--lease-seconds", values["lease-seconds"] ?? "4", 2, 60),
    scenarios: chosen(values.only),
    isList: values.list,
    isVerbose: values.verbose,
    json: values.json,
  };
}

function capabilityOf(text: string): string {
  if (/^[a-z0-9][a-z0-9._:-]{0,62}$/.test(text)) return text;
  throw new TypeError(`--capability must be one lower-case word, such as greet; it is ${JSON.stringify(text)}.`);
}

function inputOf(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.json()).parse(JSON.parse(text));
  } catch {
    throw new TypeError(`--input must be a JSON object, such as '{"name":"Ann"}'; it is ${text}`);
  }
}

function secondsOf(flag: string, text: string, min: number, max: number): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= min && seconds <= max) return seconds;
  throw new TypeError(`${flag} must be a whole number from ${min} to ${max}; it is ${text}.`);
}

function chosen(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios;
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = scenarios.map(({ name }) => name).join(", ");
    throw new TypeError(
      `--only: there is no scenario ${unknown.map((name) => `"${name}"`).join(", ")}. There are ${known}.`,
    );
  }
  return scenarios.filter(({ name }) => names.includes(name));
}
