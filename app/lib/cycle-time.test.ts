import { expect, test } from "bun:test";
import { cycleTime } from "./cycle-time.ts";

const createdAt = new Date("2026-03-02T10:00:00Z");
const completedAt = new Date("2026-03-02T10:05:08Z");
const now = Date.parse("2026-03-09T10:00:00Z");

test("the time of an open task runs on", () => {
  expect(cycleTime({ status: "pending", createdAt, completedAt: null }, now)).toBe("7 d 0 h so far");
  expect(cycleTime({ status: "in_progress", createdAt, completedAt: null }, now)).toBe("7 d 0 h so far");
});

test("the time of one that has ended stands still, also when it was cancelled", () => {
  expect(cycleTime({ status: "completed", createdAt, completedAt }, now)).toBe("5 m 08 s");
  expect(cycleTime({ status: "failed", createdAt, completedAt }, now)).toBe("5 m 08 s");
  expect(cycleTime({ status: "cancelled", createdAt, completedAt }, now)).toBe("5 m 08 s, then cancelled");
  expect(cycleTime({ status: "cancelled", createdAt, completedAt: null }, now)).toBe("no data");
});
