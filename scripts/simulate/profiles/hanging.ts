import { nowAndThen, type Profile } from "../agent.ts";
import { bareAgent, finish } from "../bare.ts";

/**
 * Never ends. In turn it is alive to all appearances, until the task's time limit ends the run, and frozen: no heartbeat
 * until long after the lease, and then a report as if nothing had been.
 */
export const hanging: Profile = (agent) => {
  const hangs = nowAndThen(agent, 0.5);
  let isFrozen = agent.random() < 0.5;
  return bareAgent(agent, async (held) => {
    if (!hangs()) return finish(held);
    isFrozen = !isFrozen;
    if (!isFrozen) return held.keepAlive();
    await held.reportLate(1.5 + 2 * agent.random());
  });
};
