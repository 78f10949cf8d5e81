import { z } from "zod";
import { type Priority, suggestionStatuses, type TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { id, optional, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { Where } from "../where.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

const statuses = z.enum(suggestionStatuses, { error: `Choose one of ${suggestionStatuses.join(", ")}.` });

export const listSuggestionsInput = z
  .object({
    status: optional(z.union([statuses, z.array(statuses).max(suggestionStatuses.length)])),
    agentId: optional(id),
    taskId: optional(id),
    workflowId: optional(id),
    /** The oldest waits longest, so an inbox may want it first. */
    sort: z.enum(["newest", "oldest"]).default("newest"),
    ...page,
  })
  .prefault({});

/** A suggestion with what a person needs to decide on it. */
export interface SuggestionListItem extends SuggestionRow {
  taskNumber: number;
  taskName: string;
  taskStatus: TaskStatus;
  taskPriority: Priority;
  /** The task's revision now; hand it in with the decision. */
  taskRevisionNow: number;
  workflowNumber: number;
  workflowName: string;
  agentName: string;
  /** Whom an `assign` effect names. */
  effectAgentName: string | null;
  /** How many tasks wait for this one and so may start when it is completed. */
  dependents: number;
  /** The agent's record for this very action: of `decided` by people (approved, rejected, changes requested), `approved`. */
  record: { decided: number; approved: number };
}

export async function listSuggestions(
  ctx: Ctx,
  input: z.output<typeof listSuggestionsInput>,
): Promise<Page<SuggestionListItem>> {
  const where = new Where()
    .add("t.deleted_at is null")
    .on(input.agentId, "s.agent_id = $")
    .on(input.taskId, "s.task_id = $")
    .on(input.workflowId, "s.workflow_id = $");
  if (input.status) where.on([input.status].flat(), "s.status = any($::text[])");
  const [beyond, direction] = input.sort === "newest" ? (["<", "desc"] as const) : ([">", "asc"] as const);
  if (input.cursor) where.add(`s.id ${beyond} ${where.param(decodeCursor(input.cursor, 1)[0])}::uuid`);
  const rows = await readSuggestions(ctx, where, `order by s.id ${direction} limit ${input.limit + 1}`);
  return pageOf(rows, input.limit, { toItem: (row) => row, placeOf: (row) => [row.id] });
}

/** The suggestions of a condition on `s` (suggestions) and `t` (tasks). */
export async function readSuggestions(ctx: Ctx, where: Where, order: string): Promise<SuggestionListItem[]> {
  const rows = await ctx.db.query<object>(
    `select s.*, t.number as task_number, t.name as task_name, t.status as task_status, t.priority as task_priority,
       t.revision as task_revision_now, w.number as workflow_number, w.name as workflow_name, a.name as agent_name,
       (select b.name from agents b where b.id::text = coalesce(s.effect_edited, s.effect) ->> 'agentId') as effect_agent_name,
       (select count(*)::int from task_dependencies d join tasks n on n.id = d.task_id
        where d.depends_on_id = t.id and n.deleted_at is null and n.status = 'pending') as dependents,
       (select json_build_object('decided', count(*), 'approved', count(*) filter (where o.status = 'approved'))
        from suggestions o where o.agent_id = s.agent_id and o.action = s.action
          and o.decided_by_type = 'person' and o.status in ('approved', 'rejected', 'changes_requested')) as record
     from suggestions s
     join tasks t on t.id = s.task_id
     join workflows w on w.id = s.workflow_id
     join agents a on a.id = s.agent_id
     where ${where.sql} ${order}`,
    where.params,
  );
  return rows.map((row) => camelCased<SuggestionListItem>(row));
}
