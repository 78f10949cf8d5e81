import { counted, Fault, rules, type Scenario } from "../scenario.ts";

const watchSeconds = 6;
const perSecond = 2;

export const revoked: Scenario = {
  name: "revoked",
  title: "stops asking when its token is refused",
  rule: rules(9),
  advice:
    "UNAUTHORIZED (401) does not pass by itself: say so and end with an error, or ask again after a pause of half a minute or more.",
  async run(stand) {
    const copy = await stand.start();
    await stand.claimed(await stand.addTask(60));
    stand.mayEnd(copy);
    await stand.factory.person.agents.rotateToken.mutate({ id: copy.agentId });
    // The server may know the token for a second, and a claim that waits was let in before.
    await Bun.sleep(1500);
    copy.cut();
    const refused = () => copy.calls.filter((call) => call.status === 401);
    const isHeardOf = () => copy.ended() || refused().length > 0;
    const isQuiet = await stand.until("It neither asked nor ended", isHeardOf).then(
      () => false,
      () => true,
    );
    if (isQuiet) return `It asked nothing for ${stand.patienceSeconds} s.`;
    await Promise.race([copy.exited, Bun.sleep(watchSeconds * 1000)]);
    const count = refused().length;
    if (count > watchSeconds * perSecond) {
      throw new Fault(`It sent ${count} requests with a revoked token within ${watchSeconds} s.`);
    }
    const ended = copy.ended();
    return ended
      ? `It ${ended} after ${counted(count, "refused request")}.`
      : `${counted(count, "refused request")} within ${watchSeconds} s; it still runs.`;
  },
};
