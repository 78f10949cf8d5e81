import { DataDirLocked } from "../db/lock.ts";
import { EnvProblems, readEnv } from "./env.ts";
import { builtPages, NotBuilt } from "./http/pages.ts";
import { createLogger } from "./logger.ts";
import { start } from "./start.ts";

const isDev = process.argv.includes("--dev");

try {
  const config = readEnv();
  const logger = createLogger(config);
  // Vite is for development; production does not even load it.
  const pages = isDev ? await (await import("./http/dev.ts")).vitePages() : await builtPages();
  const running = await start({ config, logger, pages });

  const stop = async (signal: NodeJS.Signals) => {
    logger.info(`${signal}: finishing what is under way`);
    // Whatever hangs, the process is gone a little after its deadline.
    setTimeout(() => process.exit(1), (config.drainSeconds + 5) * 1000).unref();
    await running.stop();
    logger.info("Stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A process in an unknown state must not go on; whoever runs it starts a fresh one.
  process.on("uncaughtException", (error) => {
    logger.fatal({ err: error }, "Uncaught");
    process.exit(1);
  });
  process.on("unhandledRejection", (error) => {
    logger.fatal({ err: error }, "Unhandled");
    process.exit(1);
  });
} catch (error) {
  console.error(wordsFor(error));
  process.exit(1);
}

/** What an operator can act on, in words; anything else whole. */
function wordsFor(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ([EnvProblems, DataDirLocked, NotBuilt].some((kind) => error instanceof kind)) return error.message;
  const isTaken = "code" in error && error.code === "EADDRINUSE";
  return isTaken ? "The port is taken. Stop what listens there, or set PORT to another one." : error;
}
