import type { z } from "zod";
import type { AgentCtx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { mutate } from "../mutate.ts";
import type { suggestionId } from "./by-id.ts";
import { closePending } from "./close.ts";
import { alreadyDecided, lockWithTask } from "./find.ts";
import { asPending, recordSuggestion } from "./record-suggestion.ts";
import { settleSuggestions } from "./settle.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

/** The agent takes back what it suggested, unless somebody has decided already. Withdrawing twice answers the same. */
export function withdrawSuggestion(ctx: AgentCtx, { id }: z.output<typeof suggestionId>): Promise<SuggestionRow> {
  return mutate(ctx, async (tx, record) => {
    const { suggestion } = await lockWithTask(tx, id);
    if (suggestion.agentId !== ctx.actor.id) throw new NotFound("suggestion");
    if (suggestion.status === "withdrawn") {
      record.nothing();
      return suggestion;
    }
    const [withdrawn] = await closePending(tx, ctx, ["id = any($1::uuid[])", [id]], { status: "withdrawn" });
    if (!withdrawn) throw alreadyDecided(suggestion);
    recordSuggestion(record, { suggestion: withdrawn, before: asPending(withdrawn), action: "withdrawn" });
    await settleSuggestions(tx, record, ctx, [withdrawn]);
    return withdrawn;
  });
}
