import { Fault, rules, type Scenario } from "../scenario.ts";

export const drain: Scenario = {
  name: "drain",
  title: "lays its work down on SIGTERM",
  rule: rules(10),
  advice:
    "On SIGTERM claim nothing more, finish the work in hand or give it back with runs.release, and exit with 0. A script that starts the program should do so with `exec`, so that the signal arrives.",
  needsSignals: true,
  async run(stand) {
    const copy = await stand.start();
    const id = await stand.addTask(2);
    await stand.claimed(id);
    const waiting = await stand.addTask(0.2);
    stand.mayEnd(copy);
    const told = performance.now();
    copy.terminate();
    await Promise.race([copy.exited, Bun.sleep(stand.drainSeconds * 1000)]);
    const ended = copy.ended();
    if (!ended) throw new Fault(`It still ran ${stand.drainSeconds} s after SIGTERM.`);
    const after = ((performance.now() - told) / 1000).toFixed(1);
    const [run] = await stand.runs(id);
    const outcome = run?.outcome;
    if (outcome !== "succeeded" && outcome !== "released") {
      throw new Fault(
        `It ${ended} ${after} s after SIGTERM, with a task in hand that was neither finished nor handed back.`,
      );
    }
    if (ended !== "ended with 0") throw new Fault(`It ${ended} instead of 0, ${after} s after SIGTERM.`);
    const more = (await stand.runs(waiting)).filter((one) => one.outcome !== "released");
    if (more.length > 0) throw new Fault("It claimed another task after SIGTERM.");
    const laidDown = outcome === "succeeded" ? "finished" : "handed back";
    return `The work in hand was ${laidDown}; it ended with 0 after ${after} s.`;
  },
};
