import { and, eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Connection } from "../../../db/client.ts";
import { workflows } from "../../../db/schema/index.ts";
import { Conflict } from "../errors.ts";
import type { WorkflowRow } from "./roll-up.ts";

/** Writes these fields, if the row is still as it was read. */
export async function changeWorkflow(
  tx: Connection,
  before: WorkflowRow,
  fields: PgUpdateSetSource<typeof workflows>,
): Promise<WorkflowRow> {
  const [row] = await tx.orm
    .update(workflows)
    .set({ ...fields, updatedAt: sql`now()`, revision: sql`${workflows.revision} + 1` })
    .where(and(eq(workflows.id, before.id), eq(workflows.revision, before.revision)))
    .returning();
  if (!row) throw new Conflict("stale_revision", "Someone else changed this workflow at the same moment. Try again.");
  return row;
}
