import { counted, Fault, rules, type Scenario } from "../scenario.ts";

const watchSeconds = 5;
const perSecond = 2;

export const idle: Scenario = {
  name: "idle",
  title: "waits politely for work",
  rule: rules(8),
  advice:
    "Give tasks.claim a `waitMs` of up to 30,000: the server answers as soon as there is work. Or pause for a second or more between two claims that bring nothing.",
  async run(stand) {
    const copy = await stand.start();
    const firstCall = await stand.until("It sent no request", () => copy.calls[0]);
    await Bun.sleep(watchSeconds * 1000);
    const until = firstCall.at + watchSeconds * 1000;
    const count = copy.calls.filter(({ at }) => at <= until).length;
    if (count > watchSeconds * perSecond) {
      throw new Fault(`With nothing to do it sent ${counted(count, "request")} within ${watchSeconds} s.`);
    }
    const id = await stand.addTask(0.2);
    const added = performance.now();
    await stand.until("A task that came after a quiet time was not claimed", async () => (await stand.runs(id))[0]);
    const waited = ((performance.now() - added) / 1000).toFixed(1);
    await stand.completed(id, "A task that came after a quiet time was not completed");
    return `${counted(count, "request")} within ${watchSeconds} s without work; a new task was claimed after ${waited} s.`;
  },
};
