import { parseArgs } from "node:util";
import { z } from "zod";
import { profileNames } from "./profiles.ts";

export const usage = `bun run simulate [--agents 50] [--profile mixed|${profileNames.join("|")}]
                 [--tasks N | --rate N a second] [--seconds 30] [--seed N] [--json report.json]
                 [--url http://… --admin-email … --admin-password …]   (or ADMIN_EMAIL, ADMIN_PASSWORD)`;

const number = (min: number, max: number) => {
  const words = `must be a number from ${min} to ${max}`;
  return z.coerce.number(words).min(min, words).max(max, words);
};
const whole = (min: number, max: number) => number(min, max).int("must be a whole number");

const schema = z.object({
  agents: whole(1, 10_000).default(50),
  profile: z.enum(["mixed", ...profileNames], `must be mixed, ${profileNames.join(", ")}`).default("mixed"),
  /** Created in all; at once, unless a rate or a time spreads them. */
  tasks: whole(1, 1_000_000).optional(),
  rate: number(0.1, 10_000).optional(),
  /** For how long tasks are created. */
  seconds: number(1, 86_400).optional(),
  seed: whole(0, 2 ** 32 - 1).optional(),
  json: z.string().min(1, "must be the name of a file").optional(),
  url: z
    .url({ protocol: /^https?$/, error: "must be the factory's address, such as http://127.0.0.1:3000" })
    .optional(),
  "admin-email": z.string().optional(),
  "admin-password": z.string().optional(),
});

export type Options = ReturnType<typeof readOptions>;

/** Its message says what to do. */
export class WrongOption extends Error {}

/** Throws a `WrongOption` that names everything that is wrong. */
export function readOptions(args: string[], env: Record<string, string | undefined>) {
  const { success, data, error } = schema.safeParse(valuesOf(args));
  if (!success)
    throw new WrongOption(error.issues.map(({ path, message }) => `--${String(path[0])} ${message}.`).join("\n"));
  const { url, agents, profile, json, seed = Date.now() % 2 ** 31 } = data;
  return {
    agents,
    profile,
    json,
    seed,
    load: loadOf(data),
    factory: url ? { url, admin: adminOf(data, env) } : undefined,
  };
}

function valuesOf(args: string[]) {
  const names = Object.keys(schema.shape);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new WrongOption(error instanceof Error ? `${error.message}.` : String(error));
  }
}

/** How many tasks in all, and how long to take over creating them. */
function loadOf({ tasks, rate, seconds, agents }: z.output<typeof schema>): { tasks: number; seconds: number } {
  if (tasks && rate && seconds) throw new WrongOption("Give two of --tasks, --rate and --seconds: the third follows.");
  if (tasks) return { tasks, seconds: seconds ?? (rate ? tasks / rate : 0) };
  const time = seconds ?? 30;
  return { tasks: Math.ceil((rate ?? Math.max(1, agents / 10)) * time), seconds: time };
}

function adminOf(data: z.output<typeof schema>, env: Record<string, string | undefined>) {
  const email = data["admin-email"] ?? env.ADMIN_EMAIL;
  const password = data["admin-password"] ?? env.ADMIN_PASSWORD;
  if (email && password) return { email, password };
  throw new WrongOption(
    "--url needs an administrator: give --admin-email and --admin-password, or ADMIN_EMAIL and ADMIN_PASSWORD.",
  );
}
