import { asSystem, type Host } from "../context.ts";
import { mutate } from "../mutate.ts";
import { closePending } from "./close.ts";
import { asPending, recordSuggestion } from "./record-suggestion.ts";
import { settleSuggestions } from "./settle.ts";

const batch = 100;

/** Ends the wait of suggestions whose time is over, by the database's clock. Instances share the work: locked tasks are skipped. */
export async function expireSuggestions(host: Host): Promise<void> {
  while ((await expireBatch(host)) === batch);
}

async function expireBatch(host: Host): Promise<number> {
  const system = asSystem(host, `expiry ${Bun.randomUUIDv7()}`);
  return mutate(system, async (tx, record) => {
    record.nothing();
    const due = await tx.query<{ id: string }>(
      `select s.id from suggestions s join tasks t on t.id = s.task_id
       where s.status = 'pending' and s.expires_at <= now() order by t.id limit ${batch} for update of t skip locked`,
    );
    const ids = due.map((row) => row.id);
    const expired = await closePending(tx, system, ["id = any($1::uuid[])", ids], {
      status: "expired",
      note: "Nobody decided in time.",
    });
    for (const suggestion of expired) {
      recordSuggestion(record, { suggestion, before: asPending(suggestion), action: "expired" });
    }
    if (expired.length > 0) await settleSuggestions(tx, record, system, expired);
    return expired.length;
  });
}
