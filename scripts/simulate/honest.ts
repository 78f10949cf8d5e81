import { sleep } from "../../client/backoff.ts";
import { type Job, NonRetryable, runAgent } from "../../client/index.ts";
import { resultOf, type SimAgent, workOf } from "./agent.ts";

const drainMs = 3_000;

/** An agent on `runAgent`, which takes `pace` times as long as its task's work; `before` is what it does besides. */
export function honestAgent(agent: SimAgent, pace: number, before?: (job: Job) => Promise<void>): Promise<void> {
  const { url, token, fetch, signal, capability } = agent;
  return runAgent({
    url,
    token,
    fetch,
    signal,
    drainMs,
    version: "simulated",
    onError: () => {},
    onNotice: () => {},
    handlers: {
      async [capability](job) {
        const { ms, fails } = workOf(job);
        await before?.(job);
        await sleep(ms * pace, job.signal);
        if (fails === "always") throw new NonRetryable("Simulated: this cannot be done");
        if (fails === "once" && job.run.attempt === 1) throw new Error("Simulated: it did not work this time");
        return resultOf(agent, job);
      },
    },
  });
}
