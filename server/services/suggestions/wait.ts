import { z } from "zod";
import { camelCased } from "../../../db/rows.ts";
import { noteReceipt } from "../agents/receipts.ts";
import type { AgentCtx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { id } from "../inputs.ts";
import { askUntil } from "../work-signal.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

export const waitInput = z.object({ id, waitMs: z.number().int().min(0).max(30_000).default(0) });

/**
 * The agent's own suggestion as soon as it is no longer pending, or as it is when the time is over; ask again then. A
 * decision that was handed out here is not brought by heartbeats any more.
 */
export async function waitForDecision(
  ctx: AgentCtx,
  { id, waitMs }: z.output<typeof waitInput>,
  abort?: AbortSignal,
): Promise<SuggestionRow> {
  const decided = await askUntil(ctx.decisions, { waitMs, abort }, async () => {
    const suggestion = await own(ctx, id);
    return suggestion.status === "pending" ? undefined : suggestion;
  });
  if (!decided) return own(ctx, id);
  // Who asks until there is an answer needs no acknowledgement: without the answer it would ask again.
  noteReceipt(ctx, { seen: [id] });
  return decided;
}

async function own(ctx: AgentCtx, id: string): Promise<SuggestionRow> {
  const [row] = await ctx.db.query<object>("select * from suggestions where id = $1 and agent_id = $2", [
    id,
    ctx.actor.id,
  ]);
  if (!row) throw new NotFound("suggestion");
  return camelCased<SuggestionRow>(row);
}
