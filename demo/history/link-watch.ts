import { completeRun } from "../../server/services/runs/complete.ts";
import { failRun } from "../../server/services/runs/give-up.ts";
import { createSuggestion } from "../../server/services/suggestions/create.ts";
import { rejectSuggestion } from "../../server/services/suggestions/decide.ts";
import { createWorkflow } from "../../server/services/workflows/create.ts";
import type { Stage } from "./stage.ts";

const requiredCapabilities = ["sample-link-watching"];
const labels = ["sample"];

/** A made-up workflow that failed: a suggestion was rejected, one task gave up, and what depends on it cannot start. */
export async function playLinkWatch({ person, takeUp, say }: Stage): Promise<void> {
  const { id } = await createWorkflow(person, {
    name: "Sample: link watch",
    description: "Sample data: a made-up history that ended badly, so that the pages have something to show.",
    tasks: [
      { key: "own", name: "Follow our own links", labels, requiredCapabilities, priority: "high", dependsOn: [] },
      { key: "others", name: "Follow links to other sites", labels, requiredCapabilities, dependsOn: [] },
      { key: "list", name: "List what is broken", labels, requiredCapabilities, dependsOn: ["own", "others"] },
    ],
  });

  const own = await takeUp("Sample link watcher", id, ["Followed 214 links", "All answer"]);
  await completeRun(own.agent, {
    ...own.lease,
    result: { links: 214, broken: 0 },
    summary: "No broken link",
    claimNext: false,
  });

  const others = await takeUp("Sample link watcher", id, ["The third site asks for fewer requests", "Stopped"]);
  const suggestion = await createSuggestion(others.agent, {
    taskId: others.taskId,
    ...others.lease,
    action: "Go on in spite of the site's limit",
    reasoning: "The limit was reached after 40 requests; 12 links are left.",
    confidence: 0.45,
  });
  await rejectSuggestion(person, { id: suggestion.id, reason: "We keep to other people's limits." });
  await failRun(others.agent, {
    ...others.lease,
    error: "The site's limit was reached, and going on was not allowed",
    retryable: false,
  });
  await say(others.taskId, "Let us spread these over the day and try again next week.");
}
