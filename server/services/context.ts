import type { Database } from "../../db/client.ts";
import type { Role } from "../../db/enums.ts";
import type { StoredEvent } from "../realtime/events.ts";
import type { Renewals } from "./agents/renewals.ts";
import type { Calls } from "./calls.ts";
import type { Presence } from "./presence.ts";
import type { ClaimFloors } from "./tasks/claim-floor.ts";
import type { WorkSignal } from "./work-signal.ts";

export type Actor = PersonActor | AgentActor | { type: "policy" | "system"; id: string | null; name: string };
export type PersonActor = { type: "person"; id: string; name: string; role: Role };
export type AgentActor = { type: "agent"; id: string; name: string; tokenId: string };

export const systemActor: Actor = { type: "system", id: null, name: "System" };

/** What one process gives to all its services. */
export interface Host {
  db: Database;
  /** Hands committed events to every instance; never waits, never throws. */
  announce(events: StoredEvent[]): void;
  /** Wakes claims that wait for work; an agent waits under its id. */
  work: WorkSignal;
  /** Where claims may begin to look. */
  floors: ClaimFloors;
  /** Wakes agents that wait for a person's decision. */
  decisions: WorkSignal;
  calls: Calls;
  /** Signs of life of agents, written in batches. */
  presence: Presence;
  /** Leases that heartbeats want extended, written in batches. */
  renewals: Renewals;
  config: { leaseSeconds: number; agentOfflineSeconds: number };
  /** Work that follows a commit without anybody waiting for it, such as a roll-up; `drain` waits for the rest. */
  background: Background;
}

export interface Background {
  run(name: string, work: () => Promise<unknown>, options?: { isUrgent?: boolean }): void;
  drain(): Promise<void>;
}

/** The first argument of every service: the process, and who asks. */
export interface Ctx<Who extends Actor = Actor> extends Host {
  actor: Who;
  requestId: string;
  /** From the Idempotency-Key header; an input's own key goes before it. */
  idempotencyKey?: string | undefined;
}

export type AgentCtx = Ctx<AgentActor>;
export type PersonCtx = Ctx<PersonActor>;

/** The same request, done by the product itself. */
export const asSystem = (host: Host, requestId = "system"): Ctx => ({ ...host, actor: systemActor, requestId });
