import { Invalid } from "../errors.ts";
import { findCycle } from "../tasks/cycles.ts";
import { circle } from "../tasks/dependencies.ts";
import type { NewTask } from "../tasks/insert.ts";
import type { CreateWorkflow } from "./create.ts";

type PlannedTask = CreateWorkflow["tasks"][number];

/** Gives each task of the graph its id and turns keys into edges. Refuses a graph that could never be worked off. */
export function planTasks(tasks: PlannedTask[]): {
  newTasks: NewTask[];
  edges: { taskId: string; dependsOnId: string }[];
  /** The caller's key of each task, by id. */
  keys: Map<string, string>;
} {
  refuseBadKeys(tasks);
  const cycle = findCycle(
    new Map(tasks.map((task) => [task.key, task.dependsOn])),
    tasks.map((task) => task.key),
  );
  if (cycle) throw circle(cycle);

  const ids = new Map(tasks.map((task) => [task.key, Bun.randomUUIDv7()]));
  const planned = tasks.map((task) => {
    const before = new Set(task.dependsOn.flatMap((key) => ids.get(key) ?? []));
    return { ...task, id: ids.get(task.key) ?? "", before: [...before], unmetDependencies: before.size };
  });
  return {
    newTasks: planned,
    edges: planned.flatMap(({ id, before }) => before.map((dependsOnId) => ({ taskId: id, dependsOnId }))),
    keys: new Map([...ids].map(([key, id]) => [id, key])),
  };
}

function refuseBadKeys(tasks: PlannedTask[]): void {
  const errors: Record<string, string[]> = {};
  const known = new Set(tasks.map((task) => task.key));
  const seen = new Set<string>();
  for (const [i, { key, dependsOn }] of tasks.entries()) {
    if (seen.has(key)) errors[`tasks[${i}].key`] = [`Two tasks have the key "${key}". Give each its own.`];
    seen.add(key);
    if (dependsOn.includes(key)) errors[`tasks[${i}].dependsOn`] = [`"${key}" cannot depend on itself.`];
    const unknown = dependsOn.filter((one) => !known.has(one));
    if (unknown.length > 0) {
      errors[`tasks[${i}].dependsOn`] = [`"${key}" depends on ${quoted(unknown)}, which is no key of this call.`];
    }
  }
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
}

const quoted = (keys: string[]) => keys.map((key) => `"${key}"`).join(", ");
