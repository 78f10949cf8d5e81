import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import type { TaskStatus } from "../../../db/enums.ts";
import { Conflict, Invalid } from "../errors.ts";
import { ref } from "../inputs.ts";
import { refOf } from "../refs.ts";
import { findCycle } from "./cycles.ts";
import { insertEdges } from "./insert.ts";
import { taskLabel } from "./labels.ts";

/** Ids or T-142; forms send them as one text with commas or blanks between. */
export const dependsOn = z.preprocess(
  (value) => (typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value),
  z.array(ref).max(200, "A task can depend on at most 200 others."),
);

export interface Predecessor {
  id: string;
  number: number;
  name: string;
  status: TaskStatus;
}

/**
 * The named tasks of this workflow, held so that none completes unseen while the edge to it is being written. Refuses
 * names that are not tasks of the workflow.
 */
export async function holdPredecessors(tx: Connection, workflowId: string, refs: string[]): Promise<Predecessor[]> {
  if (refs.length === 0) return [];
  const wanted = refs.map((one) => ({ text: one, found: refOf(one, "T") }));
  const valuesOf = (column: "id" | "number") =>
    wanted.flatMap(({ found }) => (found?.column === column ? [found.value] : []));
  const rows = await tx.query<Predecessor>(
    `select id, number, name, status from tasks
     where (id = any($1::uuid[]) or number = any($2::int[])) and workflow_id = $3 and deleted_at is null
     order by id for share`,
    [valuesOf("id"), valuesOf("number"), workflowId],
  );
  const missing = wanted.filter(
    ({ found }) => !found || !rows.some((row) => String(row[found.column]) === String(found.value).toLowerCase()),
  );
  if (missing.length > 0) {
    const names = missing.map(({ text }) => text).join(", ");
    throw new Invalid({ dependsOn: [`This workflow has no task ${names}. Name tasks of the same workflow.`] });
  }
  return rows;
}

export const unmetOf = (predecessors: Predecessor[]) =>
  predecessors.filter((task) => task.status !== "completed").length;

/** Lets one transaction at a time change what waits for what in a workflow: two edges added at once can close a circle. */
export async function lockGraph(tx: Connection, workflowId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`dependencies of ${workflowId}`]);
}

/** Makes the task depend on exactly these. The graph is locked, the predecessors are held. Refuses a circle. */
export async function setDependencies(
  tx: Connection,
  task: { id: string; number: number; name: string; workflowId: string },
  predecessors: Predecessor[],
): Promise<void> {
  const ids = predecessors.map((predecessor) => predecessor.id);
  if (ids.includes(task.id)) throw new Invalid({ dependsOn: ["A task cannot depend on itself."] });
  const rows = await tx.query<{ id: string; number: number; name: string; depends_on: string[] }>(
    `select t.id, t.number, t.name, array(select depends_on_id from task_dependencies d where d.task_id = t.id) as depends_on
     from tasks t where t.workflow_id = $1`,
    [task.workflowId],
  );
  const graph = new Map(rows.map((row) => [row.id, row.depends_on]));
  const cycle = findCycle(graph.set(task.id, ids), [task.id]);
  if (cycle) {
    const labels = new Map(rows.map((row) => [row.id, taskLabel(row)]));
    throw circle(cycle.map((id) => labels.get(id) ?? id));
  }
  await tx.query("delete from task_dependencies where task_id = $1 and depends_on_id <> all($2::uuid[])", [
    task.id,
    ids,
  ]);
  await insertEdges(
    tx,
    ids.map((dependsOnId) => ({ taskId: task.id, dependsOnId })),
  );
}

export function circle(path: string[]): Conflict {
  const message = `These tasks would wait for each other for ever: ${path.join(" → ")}. Take one of these dependencies away.`;
  return new Conflict("cycle", message, { path });
}

/** The labels of what the task depends on, for the audit log. */
export async function dependencyLabels(tx: Connection, taskId: string): Promise<string[]> {
  const rows = await tx.query<{ number: number; name: string }>(
    `select p.number, p.name from task_dependencies d join tasks p on p.id = d.depends_on_id
     where d.task_id = $1 order by p.number`,
    [taskId],
  );
  return rows.map(taskLabel);
}
