import { type AgentOptions, runAgent } from "../../client/index.ts";
import { told } from "./told.ts";

/** Runs one of the sample agents until it is stopped; where the factory is and who it is comes from the environment. */
export async function start(handlers: AgentOptions["handlers"]): Promise<void> {
  const { FACTORY_URL: url, FACTORY_TOKEN: token } = process.env;
  if (!url || !token) {
    console.error("Set FACTORY_URL to the factory's address and FACTORY_TOKEN to an agent's token.");
    process.exit(1);
  }
  const all = Object.fromEntries(Object.entries(handlers).map(([capability, work]) => [capability, told(work)]));
  try {
    await runAgent({ url, token, handlers: all, version: "sample", drainMs: 2_000 });
  } catch (error) {
    // The factory refuses the agent itself, and says why.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
