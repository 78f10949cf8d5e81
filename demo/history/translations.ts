import { completeRun } from "../../server/services/runs/complete.ts";
import { createWorkflow } from "../../server/services/workflows/create.ts";
import type { Stage } from "./stage.ts";

const requiredCapabilities = ["sample-translating"];
const labels = ["sample"];

/** A made-up workflow that cannot go on: two of its tasks wait for a capability that no agent has. */
export async function playTranslations({ person, takeUp, say }: Stage): Promise<void> {
  const { id, tasks } = await createWorkflow(person, {
    name: "Sample: translations",
    description: "Sample data: a made-up history that waits for an agent which nobody has registered.",
    tasks: [
      { key: "words", name: "List the words", labels, requiredCapabilities: ["sample-drafting"], dependsOn: [] },
      { key: "de", name: "Translate into German", labels, requiredCapabilities, dependsOn: ["words"] },
      { key: "fr", name: "Translate into French", labels, requiredCapabilities, priority: "low", dependsOn: ["words"] },
    ],
  });

  const { agent, lease } = await takeUp("Sample drafter", id, ["Read 40 pages", "Found 312 words"]);
  await completeRun(agent, { ...lease, result: { words: 312 }, summary: "312 words", claimNext: false });
  const german = tasks.find(({ key }) => key === "de");
  if (german)
    await say(german.id, "Nobody here translates yet. An agent with `sample-translating` would take this up.");
}
