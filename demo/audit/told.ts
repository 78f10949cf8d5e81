import type { Handler } from "../../client/index.ts";

/** A handler whose task, questions and end are told on the terminal where the agent runs. */
export const told =
  (work: Handler): Handler =>
  async (job) => {
    const task = `T-${job.task.number} “${job.task.name}”`;
    console.log(`takes up ${task}`);
    try {
      const result = await work({
        ...job,
        suggest: async (suggestion) => {
          console.log(`asks: ${suggestion.action}?`);
          const answer = await job.suggest(suggestion);
          if (suggestion.wait) console.log(`is answered: ${answer.status.replace("_", " ")}`);
          return answer;
        },
      });
      console.log(`has done ${task}`);
      return result;
    } catch (error) {
      const words = error instanceof Error ? error.message : error;
      console.log(`${job.signal.aborted ? "lays down" : "could not do"} ${task}: ${words}`);
      throw error;
    }
  };
