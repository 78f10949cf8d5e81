import { isCompletion } from "../proxy.ts";
import { NotApplicable, rules, type Scenario } from "../scenario.ts";

export const lostAnswer: Scenario = {
  name: "lost-answer",
  title: "survives the loss of the answer to a completion",
  rule: rules(4),
  advice:
    "When runs.complete brings no answer, send the same again after a pause: completing twice with the same lease answers the same both times. Whatever comes, go on and claim the next task.",
  async run(stand) {
    const copy = await stand.start();
    copy.loseAnswerOfCompletion();
    const id = await stand.addTask(0.2);
    await stand.completed(id, "The task was not completed");
    const next = await stand.addTask(0.2);
    await stand.completed(next, "The connection was cut before its completion was answered; it did no further task");
    if (!copy.hasLostAnswer()) {
      throw new NotApplicable("No completion was seen over HTTP, so no answer could be kept back.");
    }
    await stand.mustBeDoneOnce(id);
    const tries = copy.calls.filter(isCompletion).length - 1;
    return tries > 1
      ? `It asked again, got the first answer, and went on. The task was completed once.`
      : "It did not ask again and went on. The task was completed once.";
  },
};
