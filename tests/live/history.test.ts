import { expect, test } from "bun:test";
import { History } from "./history.ts";
import { differences, Rows } from "./rows.ts";

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
  expect(of([1, "a", 1], [2, "a", 2]).verdict([1])).toEqual(["event 2 was never committed or not asked for"]);
  expect(of([2, "a", 2], [1, "a", 1]).verdict([1, 2])).toEqual(["event 1: revision 1 of a came after 2"]);
});

const rowsOf = (...shown: [entityId: string, revision: number, data: unknown][]) => {
  const rows = new Rows();
  for (const [entityId, revision, data] of shown) rows.take({ entityId, revision, data });
  return rows;
};

test("rows fold by revision: the newer one wins, and a deletion takes the row away until a newer one", () => {
  const rows = rowsOf(["a", 2, { n: 2 }], ["a", 1, { n: 1 }], ["b", 1, {}], ["b", 2, undefined], ["b", 1, {}]);
  expect(rows.ids()).toEqual(["a"]);
  expect(rows.get("a")).toEqual({ n: 2 });
  rows.take({ entityId: "b", revision: 3, data: { n: 3 } });
  expect(rows.ids()).toEqual(["a", "b"]);
});

test("rows differ by any field, by one that is missing, and by being there or not; times count as their text", () => {
  const at = new Date("2026-01-02T03:04:05Z");
  const rows = rowsOf(["a", 1, { n: 1, at }], ["b", 1, { n: 1 }]);
  const differ = (id: string, row: unknown) => differences(rows, new Map([[id, row]])).length > 0;
  expect(differ("a", { at: at.toISOString(), n: 1 })).toBe(false);
  expect(differ("a", { n: 1 })).toBe(true);
  expect(differ("b", { n: 2 })).toBe(true);
  expect(differ("b", undefined)).toBe(true);
  expect(differ("c", {})).toBe(true);
  expect(differ("c", undefined)).toBe(false);
});

test("rows that are loaded anew do not bring back what was deleted while they were read", () => {
  const rows = rowsOf(["a", 1, {}], ["b", 1, {}]);
  rows.startAnew();
  rows.take({ entityId: "b", revision: 2, data: undefined });
  rows.take({ entityId: "b", revision: 1, data: {} });
  expect(rows.ids()).toEqual([]);
});
