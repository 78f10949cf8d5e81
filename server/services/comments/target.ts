import type { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { NotFound } from "../errors.ts";
import { taskLabel, workflowLabel } from "../tasks/labels.ts";

/** A comment belongs to one thing: a task, a workflow or a suggestion. */
export interface Target {
  taskId?: string | null | undefined;
  workflowId?: string | null | undefined;
  suggestionId?: string | null | undefined;
}

export function exactlyOneTarget<Schema extends z.ZodType<Target>>(schema: Schema) {
  return schema.refine(
    ({ taskId, workflowId, suggestionId }) => [taskId, workflowId, suggestionId].filter(Boolean).length === 1,
    { message: "Name exactly one of taskId, workflowId and suggestionId.", path: ["taskId"] },
  );
}

/** Where a comment is said: its task and workflow, for those who follow them, and a name for the audit log. */
export interface Place {
  workflowId: string;
  taskId: string | null;
  label: string;
}

/** The place of a target that is there; throws when it is not, or in the bin. */
export async function placeOf(db: Connection, { taskId, workflowId, suggestionId }: Target): Promise<Place> {
  const [row] = await db.query<PlaceRow>(
    `select w.id as workflow_id, t.id as task_id, w.number as workflow_number, w.name as workflow_name,
       t.number as task_number, t.name as task_name, coalesce(t.deleted_at, w.deleted_at) as deleted_at
     from workflows w
     left join tasks t on t.workflow_id = w.id and t.id = coalesce($1::uuid, (select task_id from suggestions where id = $3))
     where w.id = coalesce($2::uuid, (select workflow_id from tasks where id = $1),
       (select workflow_id from suggestions where id = $3))`,
    [taskId ?? null, workflowId ?? null, suggestionId ?? null],
  );
  if (!row || row.deleted_at) throw new NotFound(taskId ? "task" : workflowId ? "workflow" : "suggestion");
  const { workflow_id, task_id, task_number, task_name, workflow_number, workflow_name } = row;
  const label =
    task_number !== null && task_name !== null
      ? taskLabel({ number: task_number, name: task_name })
      : workflowLabel({ number: workflow_number, name: workflow_name });
  return { workflowId: workflow_id, taskId: task_id, label };
}

interface PlaceRow {
  workflow_id: string;
  workflow_number: number;
  workflow_name: string;
  task_id: string | null;
  task_number: number | null;
  task_name: string | null;
  deleted_at: Date | null;
}
