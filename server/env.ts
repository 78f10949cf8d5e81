import { hostname } from "node:os";
import { z } from "zod";

const whole = (min: number, max: number, byDefault: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}.`)
    .int(`must be a whole number from ${min} to ${max}.`)
    .min(min, `must be at least ${min}.`)
    .max(max, `must be at most ${max}.`)
    .default(byDefault);

const urlOf = (...schemes: string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text), {
    error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}.`,
  });

const origin = urlOf("http", "https").transform((text) => new URL(text).origin);

const yesOrNo = z
  .enum(["true", "false", "1", "0", "yes", "no"], { error: "must be true or false." })
  .default("false")
  .transform((word) => word === "true" || word === "1" || word === "yes");

/** Every variable there is; `.env.example` explains each to operators. */
const schema = z
  .object({
    NODE_ENV: z.string().optional(),
    HOST: z.string().default("127.0.0.1"),
    PORT: whole(0, 65_535, 3000),
    PUBLIC_URL: origin.optional(),
    DATABASE_URL: urlOf("postgres", "postgresql").optional(),
    DATA_DIR: z.string().default(".data"),
    REDIS_URL: urlOf("redis", "rediss").optional(),
    SESSION_SECRET: z
      .string()
      .min(32, "must have at least 32 characters; `openssl rand -base64 32` makes one.")
      .optional(),
    ADMIN_EMAIL: z.string().trim().toLowerCase().pipe(z.email("must be an e-mail address.")).optional(),
    ADMIN_PASSWORD: z.string().optional(),
    LOG_LEVEL: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
        error: "must be one of trace, debug, info, warn, error, fatal, silent.",
      })
      .default("info"),
    TRUST_PROXY: yesOrNo,
    CORS_ORIGINS: z
      .string()
      .default("")
      .transform((text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter(Boolean),
      )
      .pipe(z.array(origin)),
    METRICS_TOKEN: z.string().min(16, "must have at least 16 characters.").optional(),
    INSTANCE_ID: z
      .string()
      .regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores.")
      .default(
        () =>
          `${hostname()
            .replace(/[^\w.-]/g, "-")
            .slice(0, 40)}-${process.pid}`,
      ),
    LEASE_SECONDS: whole(1, 3600, 60),
    SWEEP_SECONDS: whole(1, 300, 5),
    AGENT_OFFLINE_SECONDS: whole(5, 3600, 45),
    DRAIN_SECONDS: whole(1, 300, 15),
    EVENT_RETENTION: whole(1000, 1_000_000_000, 1_000_000),
  })
  .superRefine((env, problems) => {
    const problem = (name: string, message: string) => problems.addIssue({ code: "custom", path: [name], message });
    if (env.DATABASE_URL && !env.SESSION_SECRET) {
      problem("SESSION_SECRET", "is required with DATABASE_URL; `openssl rand -base64 32` makes one.");
    }
    if (env.ADMIN_EMAIL && !env.ADMIN_PASSWORD) problem("ADMIN_PASSWORD", "is required with ADMIN_EMAIL.");
    if (env.ADMIN_PASSWORD && !env.ADMIN_EMAIL) problem("ADMIN_EMAIL", "is required with ADMIN_PASSWORD.");
  });

export class EnvProblems extends Error {
  constructor(readonly problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/** Reads the environment, the only place that does. An empty value counts as unset. Throws `EnvProblems` naming every problem. */
export function readEnv(source: Record<string, string | undefined> = process.env) {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  const { success, data: env, error } = schema.safeParse(given);
  if (!success) throw new EnvProblems(problemsOf(error));
  return {
    isProduction: env.NODE_ENV === "production",
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    redisUrl: env.REDIS_URL,
    sessionSecret: env.SESSION_SECRET,
    admin: env.ADMIN_EMAIL && env.ADMIN_PASSWORD ? { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD } : undefined,
    logLevel: env.LOG_LEVEL,
    trustProxy: env.TRUST_PROXY,
    corsOrigins: env.CORS_ORIGINS,
    metricsToken: env.METRICS_TOKEN,
    instanceId: env.INSTANCE_ID,
    leaseSeconds: env.LEASE_SECONDS,
    sweepSeconds: env.SWEEP_SECONDS,
    agentOfflineSeconds: env.AGENT_OFFLINE_SECONDS,
    drainSeconds: env.DRAIN_SECONDS,
    eventRetention: env.EVENT_RETENTION,
  };
}

export type Config = ReturnType<typeof readEnv>;

/** By name, without the values: some of them are secrets. */
function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${String(path[0])} ${message}`);
}
