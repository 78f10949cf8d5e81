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

/** The ids of the named tasks of this workflow; refuses names that are not tasks of it. */
export async function findPredecessors(tx: Connection, workflowId: string, refs: string[]): Promise<string[]> {
  if (refs.length === 0) return [];
  const wanted = refs.map((text) => ({ text, found: refOf(text.toLowerCase(), "T") }));
  const valuesOf = (column: "id" | "number") =>
    wanted.flatMap(({ found }) => (found?.column === column ? [found.value] : []));
  const rows = await tx.query<{ id: string; number: number }>(
    `select id, number from tasks
     where (id = any($1::uuid[]) or number = any($2::int[])) and workflow_id = $3 and deleted_at is null`,
    [valuesOf("id"), valuesOf("number"), workflowId],
  );
  const missing = wanted.filter(({ found }) => !found || !rows.some((row) => row[found.column] === found.value));
  if (missing.length > 0) {
    const names = missing.map(({ text }) => text).join(", ");
    throw new Invalid({ dependsOn: [`This workflow has no task ${names}. Name tasks of the same workflow.`] });
  }
  return rows.map((row) => row.id);
}

/** Holds these tasks, so that none completes unseen while the edges to them are being written; how many are not completed. */
export async function holdPredecessors(tx: Connection, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await tx.query<{ status: TaskStatus }>(
    "select status from tasks where id = any($1::uuid[]) and deleted_at is null order by id for share",
    [ids],
  );
  return rows.filter((row) => row.status !== "completed").length;
}

/** Lets one transaction at a time change what waits for what in a workflow: two edges added at once can close a circle. */
export async function lockGraph(tx: Connection, workflowId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`dependencies of ${workflowId}`]);
}

/** Refuses dependencies that would close a circle, before any row is locked for them. The graph is locked. */
export async function refuseCircle(
  tx: Connection,
  task: { id: string; workflowId: string },
  predecessorIds: string[],
): Promise<void> {
  if (predecessorIds.includes(task.id)) throw new Invalid({ dependsOn: ["A task cannot depend on itself."] });
  if (predecessorIds.length === 0) return;
  const rows = await tx.query<{ id: string; number: number; name: string; depends_on: string[] }>(
    `select t.id, t.number, t.name, array(select depends_on_id from task_dependencies d where d.task_id = t.id) as depends_on
     from tasks t where t.workflow_id = $1`,
    [task.workflowId],
  );
  const graph = new Map(rows.map((row) => [row.id, row.depends_on]));
  const cycle = findCycle(graph.set(task.id, predecessorIds), [task.id]);
  if (!cycle) return;
  const labels = new Map(rows.map((row) => [row.id, taskLabel(row)]));
  throw circle(cycle.map((id) => labels.get(id) ?? id));
}

/** Makes the task depend on exactly these. The graph is locked, the predecessors are held. */
export async function setDependencies(tx: Connection, taskId: string, predecessorIds: string[]): Promise<void> {
  await tx.query("delete from task_dependencies where task_id = $1 and depends_on_id <> all($2::uuid[])", [
    taskId,
    predecessorIds,
  ]);
  await insertEdges(
    tx,
    predecessorIds.map((dependsOnId) => ({ taskId, dependsOnId })),
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
