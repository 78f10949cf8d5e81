import type { TRPCError } from "@trpc/server";
import type { Auth } from "../auth/auth.ts";
import type { Config } from "../env.ts";
import type { Logger } from "../logger.ts";
import type { OpenLog } from "../realtime/event-log.ts";
import type { Host } from "../services/context.ts";
import type { System } from "../trpc/context.ts";
import type { OpenStreams } from "./open-streams.ts";

/** What the HTTP side of one process is made of. */
export interface App {
  config: Config;
  host: Host;
  log: OpenLog;
  auth: Auth;
  system: System;
  logger: Logger;
  openStreams: OpenStreams;
  /** Logs a fault, once; what a caller did wrong is none. */
  reportFault(error: TRPCError, about: { path?: string | undefined; requestId?: string | undefined }): void;
}
