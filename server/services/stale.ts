import type { Connection } from "../../db/client.ts";
import { Conflict } from "./errors.ts";

interface Seen {
  kind: "task" | "workflow";
  row: { id: string; status: string; revision: number };
  /** The revision that the caller had seen; without one anything goes. */
  revision: number | undefined;
  /** What people call the status that it has now. */
  statusWord: string;
}

/**
 * Refuses a write that was made up from an older state of the row, and says who changed it. The row is locked. Only what
 * stands in the audit log counts: a progress report or a recount makes nobody's form stale.
 */
export async function refuseStale(tx: Connection, { kind, row, revision, statusWord }: Seen): Promise<void> {
  if (revision === undefined || revision === row.revision) return;
  const [last] = await tx.query<{ actor_name: string; created_at: Date }>(
    `select actor_name, created_at from audit_logs where entity_type = $1 and entity_id = $2 and revision > $3
     order by seq desc limit 1`,
    [kind, row.id, revision],
  );
  if (!last && revision < row.revision) return;
  throw new Conflict(
    "stale_revision",
    `${last?.actor_name ?? "Someone"} changed this ${kind} a moment ago: it is ${statusWord} now. ` +
      "Your change was not made. Look at it again, then repeat or leave it.",
    {
      changedBy: last?.actor_name ?? null,
      changedAt: last?.created_at ?? null,
      status: row.status,
      revision: row.revision,
    },
  );
}
