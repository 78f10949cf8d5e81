// FACTORY_URL=http://127.0.0.1:3000 FACTORY_TOKEN=wfd_… node demo/hello-agent.mjs   (or bun)
import { setTimeout as sleep } from "node:timers/promises";
import { NonRetryable, runAgent } from "workflow-factory/client";

await runAgent({
  url: process.env.FACTORY_URL,
  token: process.env.FACTORY_TOKEN,
  handlers: {
    // The key is a capability; "*" takes any task. What a handler returns is the task's result.
    async greet(job) {
      const name = job.input?.name;
      if (!name) throw new NonRetryable("The input needs a name");
      job.log(`Attempt ${job.run.attempt} at “${job.task.name}”`);
      await job.progress(50, "Thinking of a greeting");
      await sleep((job.input.seconds ?? 0) * 1000, undefined, { signal: job.signal });

      const decided = await job.suggest({
        action: `Greet ${name} informally`,
        reasoning: "It is shorter.",
        confidence: 0.7,
        wait: true,
      });
      return { greeting: decided.status === "approved" ? `Hi ${name}!` : `Good day, ${name}.` };
    },
  },
});
