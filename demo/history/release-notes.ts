import { completeRun } from "../../server/services/runs/complete.ts";
import { createSuggestion } from "../../server/services/suggestions/create.ts";
import { approveSuggestion } from "../../server/services/suggestions/decide.ts";
import { createWorkflow } from "../../server/services/workflows/create.ts";
import type { Stage } from "./stage.ts";

const requiredCapabilities = ["sample-drafting"];
const labels = ["sample"];

/** A made-up workflow that went well: three tasks, one approved suggestion, a comment. */
export async function playReleaseNotes({ person, takeUp, say }: Stage): Promise<void> {
  const { id } = await createWorkflow(person, {
    name: "Sample: release notes",
    description: "Sample data: a made-up history, so that the pages have something to show.",
    tasks: [
      { key: "collect", name: "Collect the changes", labels, requiredCapabilities, priority: "high", dependsOn: [] },
      { key: "draft", name: "Draft the notes", labels, requiredCapabilities, dependsOn: ["collect"] },
      { key: "check", name: "Check names and figures", labels, requiredCapabilities, dependsOn: ["draft"] },
    ],
  });

  const collect = await takeUp("Sample drafter", id, ["Read 31 changes", "Left out 4 that only touch tests"]);
  await done(collect, { changes: 27 }, "27 changes that users notice");

  const draft = await takeUp("Sample drafter", id, ["Grouped by page", "Wrote one line for each change"]);
  await say(draft.taskId, "Please keep each line under a hundred characters.");
  const suggestion = await createSuggestion(draft.agent, {
    taskId: draft.taskId,
    ...draft.lease,
    action: "Leave out changes to the set-up page",
    reasoning: "It is seen once by one person; the notes are for everybody.",
    confidence: 0.8,
  });
  await approveSuggestion(person, { id: suggestion.id, note: "Yes, keep it short." });
  await done(draft, { lines: 25 }, "25 lines, the longest 96 characters");

  const check = await takeUp("Sample drafter", id, ["Compared every name with the pages"]);
  await done(check, { corrected: 2 }, "Two names corrected");
}

const done = (
  { agent, lease }: Awaited<ReturnType<Stage["takeUp"]>>,
  result: Record<string, number>,
  summary: string,
) => completeRun(agent, { ...lease, result, summary, claimNext: false });
