import type { Profile } from "../agent.ts";
import { honestAgent } from "../honest.ts";

const tries = 2;

/** Asks before it acts, always all but certain, and is mostly turned down; it takes the answer and finishes without. */
export const overConfident: Profile = (agent) =>
  honestAgent(agent, 1, async (job) => {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const { status } = await job.suggest({
        action: attempt === 1 ? "Rewrite it from scratch" : "Delete the old version",
        reasoning: "It is obvious.",
        confidence: 0.9 + 0.1 * agent.random(),
        wait: true,
      });
      if (status === "approved") return;
    }
  });
