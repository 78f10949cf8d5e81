import type { Database } from "../db/client.ts";
import type { Bus } from "./realtime/bus.ts";
import { Renewals } from "./services/agents/renewals.ts";
import { createBackground } from "./services/background.ts";
import { Calls } from "./services/calls.ts";
import type { Host } from "./services/context.ts";
import { Presence } from "./services/presence.ts";
import { ClaimFloors } from "./services/tasks/claim-floor.ts";
import { WorkSignal } from "./services/work-signal.ts";

export interface HostOptions {
  db: Database;
  bus: Bus;
  config?: Partial<Host["config"]> | undefined;
  /** Of background work that failed; nobody waits for it. */
  onError(name: string, error: unknown): void;
}

/** What the services of one process share; for the server, and for scripts and tests with a memory bus. */
export function createHost({ db, bus, config, onError }: HostOptions): Host {
  return {
    db,
    announce: (events) => bus.publish(events),
    work: new WorkSignal(),
    floors: new ClaimFloors(),
    decisions: new WorkSignal(),
    calls: new Calls(),
    presence: new Presence(),
    renewals: new Renewals(),
    config: {
      leaseSeconds: config?.leaseSeconds ?? 60,
      agentOfflineSeconds: config?.agentOfflineSeconds ?? 45,
    },
    background: createBackground(onError),
  };
}
