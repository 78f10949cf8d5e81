import { expect, test } from "bun:test";
import { Gaps } from "./gaps.ts";

test("the low-water mark stays below the lowest number that nobody has seen", () => {
  const gaps = new Gaps();
  gaps.begin(10, []);
  gaps.see(13);
  expect(gaps.ranges()).toEqual([{ low: 11, high: 12 }]);
  expect(gaps.lowWater).toBe(10);
  gaps.see(11);
  expect(gaps.lowWater).toBe(11);
  gaps.see(12);
  expect(gaps.lowWater).toBe(13);
});

test("a number is new once", () => {
  const gaps = new Gaps();
  expect(gaps.see(2)).toBe(true);
  expect(gaps.see(1)).toBe(true);
  expect(gaps.see(1)).toBe(false);
  expect(gaps.see(2)).toBe(false);
});

test("a number in the midst of a gap leaves what is around it open", () => {
  const gaps = new Gaps();
  gaps.see(10);
  gaps.see(4);
  gaps.see(6);
  expect(gaps.ranges()).toEqual([
    { low: 1, high: 3 },
    { low: 5, high: 5 },
    { low: 7, high: 9 },
  ]);
  expect([3, 4, 5, 6, 7, 10, 11].map((seq) => gaps.isOpen(seq))).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
    false,
  ]);
});

test("a gap lives until all that could fill it have ended", () => {
  const gaps = new Gaps();
  gaps.see(2);
  gaps.bury(1000n);
  expect(gaps.ranges()).toEqual([{ low: 1, high: 1 }]);
  gaps.bind(50n);
  gaps.bury(49n);
  expect(gaps.ranges()).toEqual([{ low: 1, high: 1 }]);
  expect(gaps.bury(50n)).toBe(false);
  expect(gaps.ranges()).toEqual([]);
  expect(gaps.lowWater).toBe(2);
});

test("what a read did not come to is not dead", () => {
  const gaps = new Gaps();
  gaps.see(10);
  gaps.bind(50n);
  gaps.bury(50n, 6);
  expect(gaps.ranges()).toEqual([{ low: 7, high: 9 }]);
  expect(gaps.lowWater).toBe(6);
});

test("a jump of any width is one gap", () => {
  const gaps = new Gaps();
  gaps.see(5_000_000);
  expect(gaps.ranges()).toEqual([{ low: 1, high: 4_999_999 }]);
});

test("of too many gaps the oldest are lost, which is told when they are dead", () => {
  const gaps = new Gaps(4);
  for (const seq of [2, 4, 6, 8]) gaps.see(seq);
  gaps.bind(50n);
  gaps.see(10);
  expect(gaps.ranges()).toEqual([
    { low: 7, high: 7 },
    { low: 9, high: 9 },
  ]);
  // Nobody knows which of these were seen.
  expect(gaps.see(3)).toBe(false);
  expect(gaps.lowWater).toBe(0);
  expect(gaps.bury(60n)).toBe(false);
  gaps.bind(70n);
  expect(gaps.bury(70n)).toBe(true);
  expect(gaps.lowWater).toBe(10);
});
