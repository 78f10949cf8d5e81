import { describe, expect, test } from "bun:test";
import type { TaskStatus } from "../../db/enums.ts";
import type { TaskCardRow } from "./api-types.ts";
import { cutAtTimes, firstEnd } from "./reason-words.ts";
import { isReasonKept, reasonNow, reasonOfRow } from "./waiting.ts";

const now = Date.parse("2026-03-02T10:45:00Z");
const soon = new Date(now + 60_000);

const card = (status: TaskStatus, more: Partial<TaskCardRow> = {}) =>
  // The fields that reasons rest on; the others are not looked at.
  ({
    status,
    ready: true,
    unmetDependencies: 0,
    pendingSuggestions: 0,
    queueAfter: null,
    queueExpiresAt: null,
    attempt: 1,
    maxAttempts: 3,
    currentRunId: null,
    agentId: null,
    agentName: null,
    assignedAgentId: null,
    takenById: null,
    takenByName: null,
    requiredCapabilities: [],
    waitsFor: null,
    reason: null,
    ...more,
  }) as TaskCardRow;

describe("a card that the stream has changed", () => {
  const cases: [string, TaskCardRow, string | undefined][] = [
    ["waits for a decision", card("in_progress", { pendingSuggestions: 1 }), "Waits for a decision."],
    ["waits for decisions", card("pending", { pendingSuggestions: 2 }), "Waits for 2 decisions."],
    ["waits for a task", card("pending", { ready: false, unmetDependencies: 1, waitsFor: "a" }), "Waits for: a"],
    ["waits for tasks", card("pending", { ready: false, unmetDependencies: 2 }), "Waits for 2 tasks"],
    ["is in a workflow that stopped", card("pending", { ready: false }), "Its workflow does not run."],
    [
      "waits for its next try",
      card("pending", { queueAfter: soon }),
      "Next try at 2026-03-02 10:46:00 UTC (attempt 2 of 3).",
    ],
    [
      "is ready, but not for ever",
      card("pending", { queueExpiresAt: soon }),
      "It fails at 2026-03-02 10:46:00 UTC unless an agent takes it before.",
    ],
    ["may be free to go", card("pending"), undefined],
    [
      "is worked on",
      card("in_progress", { currentRunId: "r", agentName: "reader-1" }),
      "reader-1 works on it (attempt 1 of 3).",
    ],
    [
      "was taken",
      card("in_progress", { takenById: "u", takenByName: "Ann" }),
      "Ann took it by hand. Agents leave it alone.",
    ],
    [
      "is held by nobody",
      card("in_progress"),
      "It is in progress, but nobody holds it. Move it to Pending so that an agent can claim it.",
    ],
    ["has ended", card("completed"), undefined],
  ];
  for (const [what, changed, sentence] of cases) {
    test(`says what its row tells: it ${what}`, () => {
      expect(reasonOfRow(changed, now)?.sentence).toBe(sentence);
    });
  }

  test("keeps the server's reason only while all that it came from is the same", () => {
    const before = card("pending", { requiredCapabilities: ["ocr"] });
    expect(isReasonKept(before, { ...before, requiredCapabilities: ["ocr"] })).toBe(true);
    expect(isReasonKept(before, { ...before, requiredCapabilities: ["read"] })).toBe(false);
    expect(isReasonKept(before, { ...before, status: "in_progress" })).toBe(false);
    expect(isReasonKept(before, { ...before, queueAfter: soon })).toBe(false);
  });
});

test("a reason that is over by itself is said no longer", () => {
  const reason = { code: "leased" as const, sentence: "Lease until then.", until: soon, times: [soon] };
  const held = card("in_progress", { currentRunId: "r", agentName: "reader-1", reason });
  expect(reasonNow(held, now)).toEqual(reason);
  expect(reasonNow(held, soon.getTime())?.sentence).toBe("reader-1 works on it (attempt 1 of 3).");
  const waits = card("pending", { reason: { ...reason, code: "back_off" } });
  expect(reasonNow(waits, soon.getTime())).toBeNull();
});

test("a sentence is cut at its times, and nowhere else", () => {
  expect(cutAtTimes("Next try at 2026-03-02 10:46:00 UTC (attempt 2 of 3).", [soon])).toEqual([
    "Next try at ",
    soon,
    " (attempt 2 of 3).",
  ]);
  expect(cutAtTimes("No time in here.", [soon])).toEqual(["No time in here."]);
  expect(cutAtTimes("At 2026-03-02 10:46:00 UTC", [])).toEqual(["At 2026-03-02 10:46:00 UTC"]);
});

test("a page is read again when the first of its reasons is over", () => {
  const later = new Date(now + 120_000);
  expect(firstEnd([null, { until: later }, {}, { until: soon }])).toEqual(soon);
  expect(firstEnd([null, {}])).toBeUndefined();
});
