import { expect, test } from "bun:test";
import type { Job, Suggestion } from "../../client/index.ts";
import { askAbout } from "./ask-about-licences.ts";

const outside = [
  { licence: "MPL-2.0", packages: ["css@1.0.0"] },
  { licence: "Strange-1.0", packages: ["odd@2.0.0", "odder@2.1.0"] },
];

type Decision = Pick<Suggestion, "status" | "decidedByName" | "decisionNote">;
const by = (status: Suggestion["status"], note: string | null = null): Decision => ({
  status,
  decidedByName: "Ann",
  decisionNote: note,
});

/** A job whose questions are settled in this order, and what was asked. */
function asked(decisions: Decision[], rejections: Job["context"]["rejections"] = []) {
  const questions: { action: string; confidence?: number | undefined; reasoning?: string | undefined }[] = [];
  const job: Parameters<typeof askAbout>[0] = {
    context: { dependencies: [], attempts: [], comments: [], rejections },
    log: () => {},
    progress: async () => {},
    suggest: async ({ action, confidence, reasoning }) => {
      questions.push({ action, confidence, reasoning });
      // Only the decision is looked at.
      return decisions.shift() as Suggestion;
    },
  };
  return { job, questions };
}

test("an approval accepts all, with the reasons laid out before", async () => {
  const { job, questions } = asked([by("approved", "Fine")]);
  const judged = await askAbout(job, outside);
  expect(judged.map(({ outcome, by, note }) => [outcome, by, note])).toEqual([
    ["accepted", "Ann", "Fine"],
    ["accepted", "Ann", "Fine"],
  ]);
  expect(questions).toHaveLength(1);
  expect(questions[0]?.confidence).toBe(0.3);
  expect(questions[0]?.reasoning).toContain("odd@2.0.0, odder@2.1.0");
});

test("a rejection refuses all", async () => {
  const judged = await askAbout(asked([by("rejected", "Not ours to use")]).job, outside);
  expect(judged.map(({ outcome }) => outcome)).toEqual(["refused", "refused"]);
});

test("asked for changes, it asks about each licence by itself and repeats what was said", async () => {
  const { job, questions } = asked([by("changes_requested", "One by one"), by("approved"), by("rejected")]);
  const judged = await askAbout(job, outside);
  expect(judged.map(({ licence, outcome }) => [licence, outcome])).toEqual([
    ["MPL-2.0", "accepted"],
    ["Strange-1.0", "refused"],
  ]);
  expect(questions.map(({ action }) => action).slice(1)).toEqual([
    "Accept packages under: MPL-2.0",
    "Accept packages under: Strange-1.0",
  ]);
  for (const { reasoning } of questions.slice(1)) expect(reasoning).toContain("“One by one”");
});

test("what nobody decided stays undecided", async () => {
  const judged = await askAbout(asked([by("expired")]).job, outside);
  expect(judged.map(({ outcome, by }) => [outcome, by])).toEqual([
    ["undecided", null],
    ["undecided", null],
  ]);
});

test("what was turned down in an earlier attempt is not asked again", async () => {
  const action = "Accept the licences outside the allow-list";
  const { job, questions } = asked([], [{ suggestionId: "s", action, reason: "No" }]);
  const judged = await askAbout(job, outside);
  expect(judged[0]).toMatchObject({ outcome: "refused", note: "No" });
  expect(questions).toEqual([]);
});

test("nothing outside the list, nothing to ask", async () => {
  expect(await askAbout(asked([]).job, [])).toEqual([]);
});
