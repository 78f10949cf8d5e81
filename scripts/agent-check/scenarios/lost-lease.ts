import { counted, Fault, rules, type Scenario } from "../scenario.ts";

const workSeconds = 3;
const watchSeconds = 2;
/** A handler may report progress, log lines and its end before it hears that the lease is gone. */
const tolerated = 5;

export const lostLease: Scenario = {
  name: "lost-lease",
  title: "lets go of a lease that it has lost",
  rule: rules(2, 3),
  advice:
    "A conflict with the reason lease_expired, other_holder or terminal is final: drop the run, send nothing more for it, and claim the next task. Do not count it as a fault of the network.",
  needsSignals: true,
  async run(stand) {
    const { leaseSeconds } = stand.factory;
    const first = await stand.start();
    const id = await stand.addTask(workSeconds);
    const lost = await stand.claimed(id);
    first.freeze();
    const second = await stand.start();
    await stand.completed(id, "A second copy did not do the task that the first had lost", leaseSeconds + 10);
    stand.mayEnd(second);
    await second.kill();

    const before = first.calls.length;
    first.thaw();
    const next = await stand.addTask(0.2);
    const late = () => first.calls.slice(before).filter((call) => call.refusal);
    const told = () => {
      const [refused] = late();
      return refused ? `It was refused ${counted(late().length, "time")} (${refused.path}: ${refused.refusal}).` : "";
    };
    await stand.completed(next, "Stopped beyond its lease and continued, it did no new task").catch((error) => {
      throw error instanceof Fault ? new Fault(`${error.message} ${told()}`.trim()) : error;
    });
    await Bun.sleep(watchSeconds * 1000);
    if (late().length > tolerated) throw new Fault(`It goes on reporting the run that it has lost. ${told()}`);

    const runs = await stand.runs(id);
    const outcomes = runs.map((run) => `${run.outcome} by ${run.agentId === first.agentId ? "it" : "the other"}`);
    if (runs[0]?.id !== lost.id || outcomes.join() !== "lost by it,succeeded by the other") {
      throw new Fault(`The task's runs should be one lost and one succeeded; they are ${outcomes.join(", ")}.`);
    }
    const sent = late().length > 0 ? told() : "It sent nothing for the lost run.";
    return `Stopped beyond its lease; another copy did the task. ${sent} Then it did a new task.`;
  },
};
