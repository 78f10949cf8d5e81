import { sleep } from "../../../client/backoff.ts";
import type { Profile } from "../agent.ts";
import { honestAgent } from "../honest.ts";

const steps = 10;
const linesPerStep = 20;

/** Tells everything: two hundred log lines, ten reports of progress and two comments a task. */
export const chatty: Profile = (agent) =>
  honestAgent(agent, 0.5, async (job) => {
    await job.comment("I begin.");
    for (let step = 1; step <= steps && !job.signal.aborted; step++) {
      for (let line = 1; line <= linesPerStep; line++)
        job.log(`Step ${step}, line ${line}: ${"all is well ".repeat(5)}`);
      await job.progress((100 * step) / steps, `Step ${step} of ${steps}`);
      await sleep(20 * agent.random(), job.signal);
    }
    await job.comment("I am **done**.");
  });
