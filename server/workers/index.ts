import { renewNoted } from "../services/agents/renewals.ts";
import type { Host } from "../services/context.ts";
import { expireSuggestions } from "../services/suggestions/expire.ts";
import { rollUpChanged } from "../services/workflows/roll-up.ts";
import { ageQueue } from "./ageing.ts";
import { watchAgents } from "./agent-status.ts";
import { sealAudit } from "./audit-sealer.ts";
import { catchUp } from "./catch-up.ts";
import { every } from "./every.ts";
import { timeOutQueue } from "./queue-time-out.ts";
import { reapRuns } from "./reaper.ts";
import { prune } from "./retention.ts";
import { vacuum } from "./vacuum.ts";

export interface WorkersOptions {
  /** Seconds between two looks for lost leases. */
  sweepSeconds: number;
  /** Events kept for clients that resume. */
  eventRetention: number;
  onError(worker: string, error: unknown): void;
}

/** Starts what runs by the clock. Every worker may run in every instance at once; locks in the database share the work. */
export function startWorkers(host: Host, options: WorkersOptions): { stop(): Promise<void> } {
  const report = (worker: string) => (error: unknown) => options.onError(worker, error);
  host.background.run("catch-up at start", () => catchUp(host));
  const workers = [
    every(Math.min(1, host.config.leaseSeconds / 20), () => renewNoted(host), report("lease-renewal")),
    every(1, () => watchAgents(host), report("agent-status")),
    every(options.sweepSeconds, () => reapRuns(host), report("reaper")),
    every(options.sweepSeconds, () => timeOutQueue(host), report("queue-time-out")),
    every(options.sweepSeconds, () => expireSuggestions(host), report("expire-suggestions")),
    every(5, () => sealAudit(host.db), report("audit-sealer")),
    every(60, () => ageQueue(host), report("ageing")),
    every(60, () => rollUpChanged(host), report("roll-up")),
    every(60, () => prune(host.db, options.eventRetention), report("retention")),
    every(60, () => vacuum(host.db), report("vacuum")),
  ];
  return {
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
