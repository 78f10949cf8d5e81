import { z } from "zod";
import type { TaskStatus } from "../../../db/enums.ts";
import { id, optional, priority, search } from "../inputs.ts";
import { containing, quoted, Where } from "../where.ts";

export const dueFilters = ["overdue", "today", "week"] as const;

/** What the board and the list can be narrowed to. */
export const taskFilters = {
  workflowId: optional(id),
  /** Held by this agent, or kept for it. */
  agentId: optional(id),
  priority: optional(priority),
  label: optional(z.string().trim().toLowerCase().max(63)),
  due: optional(z.enum(dueFilters, { error: "Choose overdue, today or week." })),
  /** The viewer's day, which decides what is overdue; the server's when absent. */
  today: optional(z.iso.date("Give a day as YYYY-MM-DD.")),
  search: optional(search),
};
export type TaskFilters = z.output<z.ZodObject<typeof taskFilters>>;

/** The tasks that are there at all and match, as conditions on `t` (tasks) and `w` (workflows). */
export function whereTasks(filters: TaskFilters, { deleted = false } = {}): Where {
  const where = new Where()
    .add(`t.deleted_at is ${deleted ? "not null" : "null"}`)
    .add("w.deleted_at is null")
    .on(filters.workflowId, "t.workflow_id = $")
    .on(filters.agentId, "(t.agent_id = $ or t.assigned_agent_id = $)")
    .on(filters.priority, "t.priority = $")
    // The second half is what the index of labels is partial on.
    .on(filters.label, "t.labels @> array[$]::text[] and cardinality(t.labels) > 0");
  if (filters.due) addDue(where, filters.due, filters.today);
  if (filters.search) addSearch(where, filters.search);
  return where;
}

/** Where work is left. */
export const openStatuses = ["pending", "in_progress"] as const satisfies TaskStatus[];
const neverOverdue: readonly TaskStatus[] = ["completed", "cancelled"];

/** Those of the statuses in which a task can match at all. */
export function statusesOf<Status extends TaskStatus>(filters: TaskFilters, statuses: readonly Status[]): Status[] {
  return statuses.filter((status) => filters.due !== "overdue" || !neverOverdue.includes(status));
}

function addDue(where: Where, due: (typeof dueFilters)[number], today: string | undefined): void {
  const day = today ? `${where.param(today)}::date` : "current_date";
  if (due === "overdue") where.add(`t.due_date < ${day} and t.status not in (${quoted(neverOverdue)})`);
  else if (due === "today") where.add(`t.due_date = ${day}`);
  else where.add(`t.due_date between ${day} and ${day} + 6`);
}

/** By any part of the name, or by number as people write it. One or two letters mean the beginning of a word. */
function addSearch(where: Where, search: string): void {
  const number = /^(?:t-)?(\d{1,9})$/i.exec(search)?.[1];
  const text = containing(search);
  // The index of names knows three letters in a row, and the beginnings of words.
  const patterns = /[\p{L}\p{N}]{3}/u.test(search) ? [text] : [text.slice(1), `% ${text.slice(1)}`];
  const found = patterns.map((pattern) => `t.name ilike ${where.param(pattern)}`);
  if (number) found.push(`t.number = ${where.param(Number(number))}`);
  where.add(`(${found.join(" or ")})`);
}
