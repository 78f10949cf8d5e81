import type { GraphNode } from "./api-types.ts";

export interface PlacedNode extends GraphNode {
  x: number;
  y: number;
  lines: string[];
}

export interface Edge {
  from: PlacedNode;
  to: PlacedNode;
  /** The task it leads from is not completed, so it still holds the next one up. */
  isOpen: boolean;
}

export const nodeSize = { width: 182, height: 46 };
const gap = { x: 36, y: 14 };
const margin = 4;

/**
 * A layered drawing, left to right: a task stands one layer right of the last task that it waits for; inside a layer
 * tasks stand near the middle of what they wait for (the barycentre rule of Sugiyama's method).
 */
export function layOut(nodes: GraphNode[]): { nodes: PlacedNode[]; edges: Edge[]; width: number; height: number } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const layerOf = layersOf(nodes, byId);
  const layers: GraphNode[][] = [];
  for (const node of nodes) {
    const layer = layerOf.get(node.id) ?? 0;
    layers[layer] = [...(layers[layer] ?? []), node];
  }
  const placed = new Map<string, PlacedNode>();
  const tallest = Math.max(0, ...layers.map((layer) => layer.length));
  const height = tallest * (nodeSize.height + gap.y) - gap.y + 2 * margin;
  layers.forEach((layer, column) => {
    const middle = (node: GraphNode) => meanOf(node.dependsOn.map((id) => placed.get(id)?.y ?? 0));
    const sorted = [...layer].sort((a, b) => middle(a) - middle(b) || a.number - b.number);
    const own = sorted.length * (nodeSize.height + gap.y) - gap.y;
    sorted.forEach((node, row) => {
      const y = (height - own) / 2 + row * (nodeSize.height + gap.y);
      placed.set(node.id, { ...node, x: margin + column * (nodeSize.width + gap.x), y, lines: wrap(node.name) });
    });
  });
  const edges = [...placed.values()].flatMap((to) =>
    to.dependsOn.flatMap((id) => {
      const from = placed.get(id);
      return from ? [{ from, to, isOpen: from.status !== "completed" }] : [];
    }),
  );
  const width = layers.length * (nodeSize.width + gap.x) - gap.x + 2 * margin;
  return { nodes: [...placed.values()], edges, width: Math.max(0, width), height: Math.max(0, height) };
}

function layersOf(nodes: GraphNode[], byId: Map<string, GraphNode>): Map<string, number> {
  const layers = new Map<string, number>();
  // Without recursion: a chain may be as long as a workflow is large.
  const stack = [...nodes].reverse();
  const opened = new Set<string>();
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    const { id, dependsOn } = node;
    const unknown = dependsOn.filter((one) => byId.has(one) && !layers.has(one));
    if (!layers.has(id) && unknown.length > 0 && !opened.has(id)) {
      opened.add(id);
      for (const one of unknown) stack.push(byId.get(one) as GraphNode); // filtered by has() above
      continue;
    }
    layers.set(id, Math.max(-1, ...dependsOn.map((one) => layers.get(one) ?? -1)) + 1);
    stack.pop();
  }
  return layers;
}

const meanOf = (values: number[]) => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length);

const lineLength = 19;

/** Two lines at most; SVG does not wrap by itself. */
function wrap(name: string): string[] {
  const lines = [""];
  for (const word of name.split(/\s+/)) {
    const last = lines.length - 1;
    const joined = lines[last] ? `${lines[last]} ${word}` : word;
    if (joined.length <= lineLength || !lines[last]) lines[last] = joined;
    else lines.push(word);
  }
  return lines.length <= 2
    ? lines.map(shorten)
    : [shorten(lines[0] ?? ""), shorten(`${lines[1]} ${lines.slice(2).join(" ")}`)];
}

const shorten = (line: string) => (line.length > lineLength ? `${line.slice(0, lineLength - 1)}…` : line);
