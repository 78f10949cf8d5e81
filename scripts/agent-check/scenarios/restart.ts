import { rules, type Scenario } from "../scenario.ts";

const workSeconds = 2;

export const restart: Scenario = {
  name: "restart",
  title: "works through restarts of the server",
  rule: rules(4),
  advice:
    "A refused or cut connection and a 5xx are passing: keep working, send the same call again after a random pause that grows, for claims, heartbeats and reports alike. Never end because of them.",
  endsServer: true,
  async run(stand) {
    // Without the proxy between: the program meets what a server that is away is really like.
    await stand.start({ direct: true });
    const seen: string[] = [];
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const id = await stand.addTask(workSeconds);
      await stand.claimed(id);
      await stand.factory.restart(signal);
      await stand.completed(id, `A task was under way when the server was ended by ${signal}; it was not completed`);
      await stand.mustBeDoneOnce(id);
      seen.push(signal);
    }
    await stand.completed(await stand.addTask(0.2), "After the restarts it took no new task");
    return `The server was ended by ${seen.join(" and by ")} in the middle of a task and started again: each task was done once.`;
  },
};
