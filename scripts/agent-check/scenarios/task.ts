import { Fault, type Scenario } from "../scenario.ts";

const workSeconds = 2;

export const task: Scenario = {
  name: "task",
  title: "does a task",
  rule: "docs/agents.md#check-your-agent",
  advice:
    "Read the address from FACTORY_URL and the token from FACTORY_TOKEN, claim with tasks.claim, wait `input.seconds` seconds in the handler and hand in the result with runs.complete. Name the handler's capability with --capability and what else its input needs with --input.",
  isBasic: true,
  async run(stand) {
    const began = performance.now();
    await stand.start();
    const id = await stand.addTask(workSeconds);
    await stand.until("No task was claimed", async () => (await stand.runs(id)).length > 0);
    const claimedAfter = performance.now() - began;
    await stand.until("The run did not end", async () => (await stand.runs(id)).every((run) => run.endedAt));
    const runs = await stand.runs(id);
    const [run] = runs;
    if (!run?.endedAt || runs.length > 1 || run.outcome !== "succeeded") {
      throw new Fault(`The run ended as ${run?.outcome}${run?.error ? `: ${run.error}` : ""}.`);
    }
    const took = (run.endedAt.getTime() - run.claimedAt.getTime()) / 1000;
    if (took < workSeconds * 0.9) {
      throw new Fault(
        `The input asked for ${workSeconds} s of work, and the run took ${took.toFixed(1)} s.`,
        "Let the handler wait `input.seconds` seconds: the other scenarios rest on it.",
      );
    }
    return `Claimed ${(claimedAfter / 1000).toFixed(1)} s after the program was started, completed in one run.`;
  },
};
