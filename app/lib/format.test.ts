import { describe, expect, test } from "bun:test";
import {
  dayAndMinute,
  dayAndTime,
  dueDay,
  duration,
  fieldName,
  fileSize,
  isOverdue,
  localTime,
  percent,
  relativeTime,
} from "./format.ts";

const now = Date.parse("2026-03-02T10:45:00Z");
const ago = (ms: number) => new Date(now - ms);

describe("times", () => {
  test("are relative up to seven days, then the date", () => {
    expect(relativeTime(ago(1000), now)).toBe("just now");
    expect(relativeTime(ago(12_000), now)).toBe("12 s ago");
    expect(relativeTime(ago(4 * 60_000), now)).toBe("4 min ago");
    expect(relativeTime(new Date(now + 6 * 60_000), now)).toBe("in 6 min");
    expect(relativeTime(ago(6.9 * 86_400_000), now)).toBe("6 d ago");
    expect(relativeTime(ago(18 * 86_400_000), now)).toBe("12 Feb");
    expect(relativeTime(ago(365 * 86_400_000), now)).toBe("2 Mar 2025");
  });

  test("have a day and a minute where there is little room", () => {
    expect(dayAndMinute(new Date(now))).toBe("2 Mar 10:45");
  });

  test("read as the clock of this place shows them once they are moved there", () => {
    const at = new Date(2026, 6, 1, 9, 30, 5);
    expect(dayAndTime(localTime(at))).toBe("2026-07-01 09:30:05");
  });

  test("a due day is overdue only after it has ended, and never when the work is done", () => {
    expect(isOverdue("2026-03-02", "pending", now)).toBe(false);
    expect(isOverdue("2026-03-01", "pending", now)).toBe(true);
    expect(isOverdue("2026-03-01", "completed", now)).toBe(false);
    expect(isOverdue(null, "pending", now)).toBe(false);
    expect(dueDay("2026-03-03", now)).toBe("Tue 3 Mar");
  });
});

test("durations keep two units", () => {
  expect([12, 308, 3720, 90_000].map(duration)).toEqual(["12 s", "5 m 08 s", "1 h 02 m", "1 d 1 h"]);
});

test("percentages are floored, and exact ones stay exact", () => {
  expect(percent(199 / 200)).toBe("99 %");
  expect(percent(0.29)).toBe("29 %");
  expect(percent(1)).toBe("100 %");
});

test("sizes and field names", () => {
  expect([512, 1500, 2_340_000].map(fileSize)).toEqual(["512 B", "1.5 kB", "2.3 MB"]);
  expect(fieldName("requiredCapabilities")).toBe("required capabilities");
});
