import { type Priority, priorities, rankOf, type TaskStatus, taskStatuses } from "../../../db/enums.ts";
import { quoted } from "../where.ts";
import { openStatuses, statusesOf, type TaskFilters } from "./filter.ts";

/** What the list can be sorted by: the type and direction of the key that goes before the task's number. */
export const sorts = {
  newest: { type: "int", direction: "desc" },
  updated: { type: "timestamptz", direction: "desc" },
  due: { type: "date", direction: "asc" },
  priority: { type: "int", direction: "asc" },
} as const;
export type Sort = keyof typeof sorts;

/**
 * A part of the tasks that one index has in the order of the list. Read lane by lane, and only as far as the page goes, a list
 * costs the same whatever is in the table; one sort over several statuses would not.
 */
export interface Lane {
  /** Which tasks are in it, as SQL on `t`. */
  only: string;
  /** What they are sorted by before their number: a column, or the value that they all share. */
  by: { column: string } | { value: number | string };
}

/** The day that stands for none, behind all others. */
const noDay = "9999-12-31";

export function lanesOf(sort: Sort, filters: TaskFilters, asked: readonly TaskStatus[] | undefined): Lane[] {
  const statuses = statusesOf(filters, asked ?? taskStatuses);
  const perStatus = (column: string, also = "true") =>
    statuses.map((status) => ({ only: `t.status = '${status}' and ${also}`, by: { column } }));
  const perPriority = (sharedBy: (priority: Priority) => number | string, also = "true") =>
    statuses.flatMap((status) =>
      (filters.priority ? [filters.priority] : priorities).map((priority) => ({
        only: `t.status = '${status}' and t.priority = '${priority}' and ${also}`,
        by: { value: sharedBy(priority) },
      })),
    );
  const byNumber = (value: number | string, also = "true") =>
    asked ? perPriority(() => value, also) : ofAnyStatus(filters, value, also);
  switch (sort) {
    case "newest":
      return filters.due ? perPriority(() => 0) : byNumber(0);
    case "updated":
      return perStatus("t.updated_at");
    case "due":
      return [
        ...perStatus("t.due_date", "t.due_date is not null"),
        ...(filters.due ? [] : byNumber(noDay, "t.due_date is null")),
      ];
    case "priority":
      return perPriority(rankOf);
  }
}

/** All in the order of their numbers; when searched, in two parts, since names have an index among finished tasks alone. */
function ofAnyStatus(filters: TaskFilters, value: number | string, also: string): Lane[] {
  const open = quoted(openStatuses);
  const parts = filters.search ? [`t.status in (${open})`, `t.status not in (${open})`] : ["true"];
  return parts.map((part) => ({ only: `${part} and ${also}`, by: { value } }));
}
