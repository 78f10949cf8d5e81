import { Fault, rules, type Scenario } from "../scenario.ts";

export const cancel: Scenario = {
  name: "cancel",
  title: "stops when a person cancels the task",
  rule: rules(2, 7),
  advice:
    "Read every heartbeat's answer: a lease with `ok: false` or the command `cancel` ends the work at once. Stop the handler, report nothing, claim the next task.",
  async run(stand) {
    await stand.start();
    // Who does not hear of the end is still at work when our patience is at its own.
    const workSeconds = stand.patienceSeconds * 3;
    const id = await stand.addTask(workSeconds);
    await stand.claimed(id);
    await stand.factory.person.tasks.cancel.mutate({ id, reason: "The check cancels this" });
    const cancelled = performance.now();
    const next = await stand.addTask(0.2);
    await stand.completed(next, "After its task was cancelled it did not do the next one");
    const after = ((performance.now() - cancelled) / 1000).toFixed(1);
    if ((await stand.recorded(id, "late_output_kept")) > 0) {
      throw new Fault("It reported a result for the cancelled task.");
    }
    const [run] = await stand.runs(id);
    if (run?.outcome !== "cancelled") throw new Fault(`The cancelled run ended as ${run?.outcome}.`);
    return `A task of ${workSeconds} s was cancelled; ${after} s later the next one was done, and nothing was reported for the first.`;
  },
};
