import type { Connection } from "../../../db/client.ts";
import type { SuggestionStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import type { SuggestionRow } from "./suggestion-row.ts";

interface Closing {
  status: Exclude<SuggestionStatus, "pending">;
  note?: string | null | undefined;
  effectEdited?: SuggestionEffect | undefined;
  /** Its effect happens in the same transaction. */
  isApplied?: boolean;
}

/**
 * Takes pending suggestions out of pending; those that somebody else has settled meanwhile are left alone and missing
 * from the answer. `which` is a condition with $1 for `value`.
 */
export async function closePending(
  tx: Connection,
  by: Ctx,
  [which, value]: [which: "id = any($1::uuid[])" | "task_id = any($1::uuid[])", value: string[]],
  { status, note, effectEdited, isApplied = false }: Closing,
): Promise<SuggestionRow[]> {
  const rows = await tx.query<object>(
    `update suggestions set status = $2, decision_note = $3, effect_edited = $4::json::jsonb, decided_at = now(),
       decided_by_type = $5, decided_by_id = $6, decided_by_name = $7, updated_at = now(), revision = revision + 1,
       delivered_at = case when $2 = 'withdrawn' then now() end, seen_at = case when $2 = 'withdrawn' then now() end,
       applied_at = case when $8 then now() end
     where ${which} and status = 'pending' returning *`,
    [
      value,
      status,
      note ?? null,
      effectEdited ? JSON.stringify(effectEdited) : null,
      by.actor.type,
      by.actor.id,
      by.actor.name,
      isApplied,
    ],
  );
  return rows.map((row) => camelCased<SuggestionRow>(row));
}
