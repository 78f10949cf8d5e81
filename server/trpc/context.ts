import type { Log } from "../realtime/log.ts";
import type { Actor, Host } from "../services/context.ts";

/** What every procedure starts from; the role middlewares make it a service's `Ctx` once somebody is signed in. */
export interface RequestContext extends Host {
  actor: Actor | null;
  requestId: string;
  idempotencyKey?: string | undefined;
  log: Log;
  system: System;
}

/** What the process knows about itself. */
export interface System {
  info: SystemInfo;
  health(): Promise<Health>;
}

interface SystemInfo {
  version: string;
  instance: string;
  startedAt: Date;
  database: "postgres" | "pglite";
  bus: "memory" | "redis";
}

export interface Health {
  /** Down: send no traffic here. Degraded: works, with live updates up to a second late. */
  status: "ok" | "degraded" | "down";
  database: { ok: boolean; latencyMs: number | null };
  bus: { ok: boolean };
  migrations: { ok: boolean };
  draining: boolean;
  /** Committed events that this instance has not read yet. */
  eventLag: number | null;
}
