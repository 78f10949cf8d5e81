import type { Connection } from "../../../db/client.ts";
import type { BoardStatus } from "../../../db/enums.ts";
import { findTask } from "./find.ts";
import { keyBetween } from "./position.ts";
import type { TaskRow } from "./task-row.ts";
import { entryKey } from "./transitions.ts";

export interface Drop {
  status: BoardStatus;
  /** The card that it lands before. */
  beforeId?: string | undefined;
  /** The card that it lands after. */
  afterId?: string | undefined;
}

/**
 * The key for a card that is dropped between its visible neighbours, whatever lies hidden between them. With one
 * neighbour it lands right beside that; a neighbour that has left the column meanwhile does not count.
 */
export async function placeFor(tx: Connection, task: TaskRow, drop: Drop): Promise<string> {
  const above = await neighbour(tx, task, drop.status, drop.afterId);
  const below = await neighbour(tx, task, drop.status, drop.beforeId);
  if (above && below) return keyBetween(above.position, below.position);
  if (above) return keyBetween(above.position, await nextKey(tx, task, above, "after"));
  if (below) return keyBetween(await nextKey(tx, task, below, "before"), below.position);
  return task.status === drop.status ? task.position : entryKey(drop.status);
}

async function neighbour(tx: Connection, task: TaskRow, status: BoardStatus, ref: string | undefined) {
  if (!ref) return null;
  const found = await findTask(tx, ref);
  return found.id !== task.id && found.status === status && !found.deletedAt ? found : null;
}

/** The next place taken on that side of a card, so that the new key falls between the two; null at the column's end. */
async function nextKey(
  tx: Connection,
  task: TaskRow,
  beside: TaskRow,
  side: "after" | "before",
): Promise<string | null> {
  const [comparison, order] = side === "after" ? [">", "asc"] : ["<", "desc"];
  const [row] = await tx.query<{ position: string }>(
    `select position from tasks where status = $1 and position ${comparison} $2 and id <> $3
     order by position ${order} limit 1`,
    [beside.status, beside.position, task.id],
  );
  return row?.position ?? null;
}
