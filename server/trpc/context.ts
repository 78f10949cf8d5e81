import type { Log } from "../realtime/log.ts";
import type { Actor, Host } from "../services/context.ts";

/** What every procedure starts from; the role middlewares make it a service's `Ctx` once somebody is signed in. */
export interface RequestContext extends Host {
  actor: Actor | null;
  requestId: string;
  idempotencyKey?: string | undefined;
  /** Aborts when the caller has gone away. */
  signal?: AbortSignal | undefined;
  log: Log;
}
