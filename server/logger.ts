import { type Logger as Pino, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import type { Config } from "./env.ts";

export type Logger = Pino;

/** JSON lines; readable ones on a terminal outside production. Secrets are cut out by name wherever they appear. */
export function createLogger(config: Pick<Config, "logLevel" | "instanceId" | "isProduction">): Logger {
  const options = {
    level: config.logLevel,
    base: { instance: config.instanceId },
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: ["password", "token", "cookie", "authorization", "*.password", "*.token", "*.cookie", "*.authorization"],
      censor: "[cut]",
    },
  };
  const isForPeople = process.stdout.isTTY && !config.isProduction;
  return isForPeople ? pino(options, pretty({ sync: true, ignore: "pid,hostname,instance" })) : pino(options);
}
