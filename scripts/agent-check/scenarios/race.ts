import { counted, Fault, rules, type Scenario } from "../scenario.ts";

const copies = 4;
const tasks = 24;

export const race: Scenario = {
  name: "race",
  title: "shares the work with copies of itself",
  rule: rules(2),
  advice:
    "Report only what tasks.claim has handed to this very process, with the run's own `id` and `leaseToken`, and report each run once. Keep no state that copies share.",
  async run(stand) {
    const ids = await stand.addTasks(tasks, 0.1);
    const running = await Promise.all(Array.from({ length: copies }, () => stand.start()));
    await Promise.all(ids.map((id) => stand.completed(id, `${copies} copies did not complete ${tasks} tasks`, 20)));
    const runs = (await Promise.all(ids.map((id) => stand.runs(id)))).flat();
    const refused = running.flatMap(({ calls }) => calls).filter((call) => call.refusal);
    if (refused[0]) {
      throw new Fault(
        `${counted(refused.length, "report")} on runs that were another's or had ended, such as ${refused[0].path}: ${refused[0].refusal}.`,
      );
    }
    await Promise.all(ids.map((id) => stand.mustBeDoneOnce(id)));
    const shares = running.map(({ agentId }) => runs.filter((run) => run.agentId === agentId).length);
    return `${tasks} tasks, each completed once; the copies did ${shares.join(", ")}.`;
  },
};
