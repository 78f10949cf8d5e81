import { retallyRuns } from "../services/agents/tally.ts";
import type { Host } from "../services/context.ts";
import { wakeAfterBackOffs } from "../services/wake.ts";
import { rollUpAll } from "../services/workflows/roll-up.ts";

/** Makes good what a server that went down had committed, but not yet followed up, and what this one could not hear of. */
export async function catchUp(host: Host): Promise<void> {
  await wakeAfterBackOffs(host);
  await rollUpAll(host);
  await retallyRuns(host.db);
}
