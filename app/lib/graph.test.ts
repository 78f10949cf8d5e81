import { expect, test } from "bun:test";
import type { GraphNode } from "./api-types.ts";
import { layOut } from "./graph.ts";

const node = (id: string, dependsOn: string[], more: Partial<GraphNode> = {}): GraphNode => ({
  id,
  number: Number(id),
  name: `Task ${id}`,
  status: "pending",
  priority: "medium",
  progress: 0,
  unmetDependencies: dependsOn.length,
  pendingSuggestions: 0,
  agentName: null,
  dependsOn,
  ...more,
});

test("a task stands right of everything that it waits for", () => {
  const { nodes, edges } = layOut([node("1", []), node("2", ["1"]), node("3", ["1", "2"]), node("4", [])]);
  for (const { from, to } of edges) expect(from.x).toBeLessThan(to.x);
  expect(edges.length).toBe(3);
  expect(new Set(nodes.map(({ x, y }) => `${x},${y}`)).size).toBe(4);
});

test("a completed task no longer holds the next one up", () => {
  const { edges } = layOut([node("1", [], { status: "completed" }), node("2", ["1"])]);
  expect(edges.map(({ isOpen }) => isOpen)).toEqual([false]);
});

test("a chain of 2,000 tasks is laid out, and no tasks take no room", () => {
  const chain = Array.from({ length: 2000 }, (_, i) => node(String(i + 1), i === 0 ? [] : [String(i)]));
  expect(layOut(chain.reverse()).nodes.length).toBe(2000);
  expect(layOut([])).toMatchObject({ nodes: [], width: 0 });
});

test("long names are cut to two lines", () => {
  const [placed] = layOut([node("1", [], { name: "Read the licence of every single dependency in the tree" })]).nodes;
  expect(placed?.lines).toEqual(["Read the licence of", "every single depen…"]);
});
