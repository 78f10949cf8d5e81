import { expect, test } from "bun:test";
import { History } from "./history.ts";

const of = (...events: [seq: number, entityId: string, revision: number][]) => {
  const history = new History();
  for (const [seq, entityId, revision] of events) history.add({ seq, entityId, revision });
  return history;
};

test("the checker accepts repeated events and those of other entities out of order", () => {
  const history = of([1, "a", 1], [3, "b", 1], [1, "a", 1], [2, "a", 2]);
  expect(history.verdict([1, 2, 3])).toEqual([]);
  expect(history.duplicates).toBe(1);
});

test("the checker sees what was missed, made up, or out of an entity's order", () => {
  expect(of([1, "a", 1]).verdict([1, 2])).toEqual(["event 2 was missed"]);
  expect(of([1, "a", 1], [2, "a", 2]).verdict([1])).toEqual(["event 2 was never committed"]);
  expect(of([2, "a", 2], [1, "a", 1]).verdict([1, 2])).toEqual(["event 1: revision 1 of a came after 2"]);
});
