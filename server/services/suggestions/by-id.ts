import { z } from "zod";
import type { SuggestionStatus } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { id } from "../inputs.ts";
import { Where } from "../where.ts";
import { readSuggestions, type SuggestionListItem } from "./list.ts";

export const suggestionId = z.object({ id });

export interface SuggestionDetail extends SuggestionListItem {
  /** The last decisions on the same action of this agent, newest first. */
  before: { id: string; taskNumber: number; status: SuggestionStatus; note: string | null; decidedAt: Date }[];
  /**
   * How often people approved this agent when it stated about the same confidence (the same tenth); null when it stated
   * none or nothing of that tenth was decided.
   */
  calibration: { from: number; to: number; n: number; approved: number } | null;
}

export async function readSuggestion(ctx: Ctx, input: z.output<typeof suggestionId>): Promise<SuggestionDetail> {
  const [suggestion] = await readSuggestions(ctx, new Where().on(input.id, "s.id = $"), "");
  if (!suggestion) throw new NotFound("suggestion");
  const [before, calibration] = await Promise.all([decidedBefore(ctx, suggestion), calibrationOf(ctx, suggestion)]);
  return { ...suggestion, before, calibration };
}

function decidedBefore(ctx: Ctx, { id, agentId, action }: SuggestionListItem): Promise<SuggestionDetail["before"]> {
  return ctx.db.query(
    `select s.id, t.number as "taskNumber", s.status, s.decision_note as note, s.decided_at as "decidedAt"
     from suggestions s join tasks t on t.id = s.task_id
     where s.agent_id = $1 and s.action = $2 and s.id <> $3 and s.status in ('approved', 'rejected', 'changes_requested')
     order by s.decided_at desc limit 5`,
    [agentId, action, id],
  );
}

async function calibrationOf(ctx: Ctx, suggestion: SuggestionListItem): Promise<SuggestionDetail["calibration"]> {
  if (suggestion.confidence === null) return null;
  const tenth = Math.min(9, Math.floor(suggestion.confidence * 10 + 1e-9));
  const [row] = await ctx.db.query<{ n: number; approved: number }>(
    `select count(*)::int as n, count(*) filter (where status = 'approved')::int as approved from suggestions
     where agent_id = $1 and least(9, floor(confidence * 10 + 1e-9)) = $2
       and decided_by_type = 'person' and status in ('approved', 'rejected', 'changes_requested')`,
    [suggestion.agentId, tenth],
  );
  return row?.n ? { from: tenth / 10, to: (tenth + 1) / 10, ...row } : null;
}
