/** What each task depends on. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The first way round that leads from one of the starts back to where it was, as a closed path (a, b, a); null when
 * there is none. Walks with a stack of its own, so a chain of any length will do.
 */
export function findCycle(graph: Graph, starts: Iterable<string>): string[] | null {
  const done = new Set<string>();
  for (const start of starts) {
    const cycle = walk(graph, start, done);
    if (cycle) return cycle;
  }
  return null;
}

function walk(graph: Graph, start: string, done: Set<string>): string[] | null {
  const path: { node: string; next: number }[] = [{ node: start, next: 0 }];
  const onPath = new Set([start]);
  for (let step = path.at(-1); step; step = path.at(-1)) {
    const next = done.has(step.node) ? undefined : graph.get(step.node)?.[step.next++];
    if (next === undefined) {
      done.add(step.node);
      onPath.delete(step.node);
      path.pop();
    } else if (onPath.has(next)) {
      const nodes = path.map(({ node }) => node);
      return [...nodes.slice(nodes.indexOf(next)), next];
    } else {
      onPath.add(next);
      path.push({ node: next, next: 0 });
    }
  }
  return null;
}
