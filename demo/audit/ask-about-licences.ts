import type { Job, Suggestion } from "../../client/index.ts";
import { confidenceIn, factAbout } from "./licence-facts.ts";
import type { LicenceReview } from "./results.ts";

type Judged = LicenceReview["outside"][number];
type Open = Pick<Judged, "licence" | "packages">;
type Asking = Pick<Job, "context" | "log" | "progress" | "suggest">;

/**
 * Asks people what to do about licences outside the allow-list, and obeys: one question for all of them, or, when changes
 * are asked for, one for each. What was turned down in an earlier attempt stays turned down.
 */
export async function askAbout(job: Asking, outside: Open[]): Promise<Judged[]> {
  if (outside.length === 0) return [];
  const together = await ask(job, outside, { action: "Accept the licences outside the allow-list" });
  if (together.outcome !== "changes_requested") return outside.map((one) => ({ ...one, ...decided(together) }));
  job.log(`Asked to change it: “${together.note ?? ""}”. Asking about each licence by itself.`);
  const judged: Judged[] = [];
  for (const one of outside) {
    const question = { action: `Accept packages under: ${one.licence}`, note: together.note };
    judged.push({ ...one, ...decided(await ask(job, [one], question)) });
  }
  return judged;
}

interface Answer {
  outcome: Judged["outcome"] | "changes_requested";
  by: string | null;
  note: string | null;
}

/** `note`: what the person wrote who asked for changes. */
async function ask(
  job: Asking,
  open: Open[],
  { action, note }: { action: string; note?: string | null },
): Promise<Answer> {
  const before = job.context.rejections.find((rejection) => rejection.action === action);
  if (before) {
    job.log(`Turned down in an earlier attempt: ${action}`);
    return { outcome: "refused", by: "a person, in an earlier attempt", note: before.reason };
  }
  await job.progress(96, "Waits for a decision");
  const confidence = confidenceIn(open.map(({ licence }) => licence));
  const reasoning = note ? `You asked for changes: “${note}”\n\n${reasonsFor(open)}` : reasonsFor(open);
  const answer = answerOf(await job.suggest({ action, reasoning, confidence, wait: true }));
  job.log(`${action}: ${answer.outcome}${answer.by ? ` by ${answer.by}` : ""}`);
  return answer;
}

const outcomes: Partial<Record<Suggestion["status"], Answer["outcome"]>> = {
  approved: "accepted",
  rejected: "refused",
  changes_requested: "changes_requested",
};

const answerOf = ({ status, decidedByName, decisionNote }: Suggestion): Answer => ({
  outcome: outcomes[status] ?? "undecided",
  by: outcomes[status] ? decidedByName : null,
  note: decisionNote,
});

/** Asked about one licence alone, a second request for changes leaves it open: there is nothing smaller to ask. */
const decided = ({ outcome, ...rest }: Answer): Omit<Judged, "licence" | "packages"> => ({
  outcome: outcome === "changes_requested" ? "undecided" : outcome,
  ...rest,
});

function reasonsFor(open: Open[]): string {
  const rows = open.map(({ licence, packages }) => `- **${licence}** (${factAbout(licence)}): ${packages.join(", ")}`);
  return [
    `${open.length === 1 ? "This licence is" : `These ${open.length} licences are`} not on the allow-list.`,
    rows.join("\n"),
    "Approve to list them as accepted in the report; reject to list them as packages that have to be replaced" +
      (open.length === 1 ? "." : "; ask for changes to decide on each licence by itself."),
  ].join("\n\n");
}
