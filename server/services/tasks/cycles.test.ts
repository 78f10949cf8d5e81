import { expect, test } from "bun:test";
import { findCycle } from "./cycles.ts";

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

test("a graph without a way back has no circle", () => {
  expect(findCycle(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }), ["a", "b", "c", "d"])).toBeNull();
});

test("the circle is named as a closed path, without the way that leads to it", () => {
  expect(findCycle(graph({ start: ["a"], a: ["b"], b: ["c"], c: ["a"] }), ["start"])).toEqual(["a", "b", "c", "a"]);
});

test("a task that depends on itself is a circle", () => {
  expect(findCycle(graph({ a: ["a"] }), ["a"])).toEqual(["a", "a"]);
});

test("a chain of 20,000 tasks and a lattice of diamonds are walked without running out of stack or time", () => {
  const chain = new Map(Array.from({ length: 20_000 }, (_, i) => [`${i}`, i > 0 ? [`${i - 1}`] : []] as const));
  expect(findCycle(chain, ["19999"])).toBeNull();
  const lattice = new Map(
    Array.from({ length: 200 }, (_, i) => [`${i}`, i > 1 ? [`${i - 1}`, `${i - 2}`] : []] as const),
  );
  expect(findCycle(lattice, lattice.keys())).toBeNull();
});
