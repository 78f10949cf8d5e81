import { sleep } from "../../../client/backoff.ts";
import { nowAndThen, type Profile } from "../agent.ts";
import { bareAgent, finish } from "../bare.ts";

/** Drops its run in the middle without a word, and is back a moment later. */
export const crashing: Profile = (agent) => {
  const crashes = nowAndThen(agent, 0.3);
  return bareAgent(agent, async (held) => {
    if (!crashes()) return finish(held);
    await sleep(held.workMs * agent.random(), agent.signal);
    await sleep(1_000 * agent.random(), agent.signal);
  });
};
