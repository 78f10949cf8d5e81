import { nowAndThen, type Profile } from "../agent.ts";
import { bareAgent, finish } from "../bare.ts";

/** Loses its network in the middle of a task and works on; back after the lease, it reports late. */
export const offline: Profile = (agent) => {
  const leaves = nowAndThen(agent, 0.3);
  return bareAgent(agent, async (held) => {
    if (!leaves()) return finish(held);
    await held.reportLate(1 + 2 * agent.random());
  });
};
