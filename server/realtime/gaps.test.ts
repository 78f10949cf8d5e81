import { expect, test } from "bun:test";
import { Gaps } from "./gaps.ts";

test("the low-water mark stays below the lowest number that nobody has seen", () => {
  const gaps = new Gaps();
  gaps.high = 10;
  gaps.see(13);
  expect(gaps.numbers()).toEqual([11, 12]);
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

test("a gap lives until all that could fill it have ended", () => {
  const gaps = new Gaps();
  gaps.see(2);
  gaps.bury([1], 1000n);
  expect(gaps.numbers()).toEqual([1]);
  gaps.bind(50n);
  gaps.bury([1], 49n);
  expect(gaps.numbers()).toEqual([1]);
  gaps.bury([], 50n);
  expect(gaps.numbers()).toEqual([1]);
  gaps.bury([1], 50n);
  expect(gaps.numbers()).toEqual([]);
  expect(gaps.lowWater).toBe(2);
});
