import type { WorkflowStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { TaskRow } from "./task-row.ts";

const columns = [
  "id",
  "number",
  "name",
  "status",
  "priority",
  "dueDate",
  "labels",
  "requiredCapabilities",
  "position",
  "workflowId",
  "agentId",
  "assignedAgentId",
  "takenById",
  "currentRunId",
  "progress",
  "progressNote",
  "ready",
  "unmetDependencies",
  "pendingSuggestions",
  "queueAfter",
  "queueExpiresAt",
  "queueTtlSeconds",
  "attempt",
  "maxAttempts",
  "durationSeconds",
  "createdAt",
  "startedAt",
  "completedAt",
  "updatedAt",
  "revision",
  "deletedAt",
] as const satisfies (keyof TaskRow)[];

/** A task as lists and boards carry it: what a card shows, without its input, result and description. */
export type TaskCard = Pick<TaskRow, (typeof columns)[number]> & {
  /** Shortened. */
  failureReason: string | null;
  workflowName: string;
  workflowNumber: number;
  workflowStatus: WorkflowStatus;
  agentName: string | null;
  assignedAgentName: string | null;
  takenByName: string | null;
  /** The first of the tasks that it still waits for. */
  waitsFor: string | null;
};

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Selects cards from `t` and `w`; join with `cardJoins`. */
export const cardColumns = `${columns.map((name) => `t.${snake(name)}`).join(", ")},
  left(t.failure_reason, 300) as failure_reason, w.name as workflow_name, w.number as workflow_number,
  w.status as workflow_status, a.name as agent_name, wish.name as assigned_agent_name, u.name as taken_by_name,
  case when t.unmet_dependencies > 0 then (
    select p.name from task_dependencies d join tasks p on p.id = d.depends_on_id
    where d.task_id = t.id and p.status <> 'completed' and p.deleted_at is null order by p.number limit 1
  ) end as waits_for`;

/** What a card names, joined to the rows that were chosen. */
export const cardJoins = `
  left join agents a on a.id = t.agent_id
  left join agents wish on wish.id = t.assigned_agent_id
  left join users u on u.id = t.taken_by_id`;

export const toCard = (row: object) => camelCased<TaskCard>(row);
