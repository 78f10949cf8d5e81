import type { Lane } from "../realtime/groups.ts";
import type { Log } from "../realtime/log.ts";
import type { Actor, Host } from "../services/context.ts";

/** What every procedure starts from; the role middlewares make it a service's `Ctx` once somebody is signed in. */
export interface RequestContext extends Host {
  actor: Actor | null;
  requestId: string;
  idempotencyKey?: string | undefined;
  log: Log;
  system: System;
  /** The socket that the call came by; undefined over HTTP. */
  socket?: Socket | undefined;
}

/** What a subscription may ask of its socket. */
interface Socket {
  /** The short way for the events of the call under way; undefined when it has to take the ordinary one. */
  lane(): Lane | undefined;
  /** Counts a stream in; the answer counts it out. Too many, and the socket is closed. */
  enterStream(): () => void;
  /** Resolves when the client has taken most of what it was sent. */
  drained(): Promise<void>;
  close(code: number, reason: string): void;
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
