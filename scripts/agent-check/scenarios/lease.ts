import { counted, Fault, rules, type Scenario } from "../scenario.ts";

export const lease: Scenario = {
  name: "lease",
  title: "holds its lease through a long task",
  rule: rules(1),
  advice:
    "While the handler works, send agents.heartbeat with the run and its lease token: the first at once, the next ones at a third of the lease's length, which is `leases[].expiresAt` minus `serverTime`.",
  async run(stand) {
    const { leaseSeconds } = stand.factory;
    const workSeconds = Math.ceil(leaseSeconds * 1.75);
    const copy = await stand.start();
    const id = await stand.addTask(workSeconds);
    const isOver = async () => (await stand.runs(id)).find((run) => run.endedAt);
    const run = await stand.until("The run did not end", isOver, workSeconds);
    if (run.outcome === "lost") {
      const beats = copy.calls.filter(({ path }) => path.includes("heartbeat")).length;
      throw new Fault(
        `The work takes ${workSeconds} s and the lease ${leaseSeconds} s; it was not renewed, and the task was taken back. The program sent ${counted(beats, "heartbeat")}.`,
      );
    }
    if (run.outcome !== "succeeded") throw new Fault(`The run ended as ${run.outcome}: ${run.error}.`);
    return `${workSeconds} s of work under leases of ${leaseSeconds} s, completed in one run.`;
  },
};
