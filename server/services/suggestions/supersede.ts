import type { Connection } from "../../../db/client.ts";
import type { Ctx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import { closePending } from "./close.ts";
import { asPending, recordSuggestion } from "./record-suggestion.ts";
import { settleSuggestions } from "./settle.ts";

/** What was suggested on tasks that have moved on (ended, retried, put back) no longer waits for anybody. Their rows are locked. */
export async function supersedeSuggestions(
  tx: Connection,
  record: Recorder,
  by: Ctx,
  taskIds: string[],
): Promise<void> {
  const superseded = await closePending(tx, by, ["task_id = any($1::uuid[])", taskIds], {
    status: "superseded",
    note: "The task moved on before anybody decided.",
  });
  for (const suggestion of superseded) {
    recordSuggestion(record, { suggestion, before: asPending(suggestion), action: "superseded", by });
  }
  if (superseded.length > 0) await settleSuggestions(tx, record, by, superseded);
}
