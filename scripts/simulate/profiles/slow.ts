import type { Profile } from "../agent.ts";
import { honestAgent } from "../honest.ts";

/** Takes eight times as long. */
export const slow: Profile = (agent) => honestAgent(agent, 8);
