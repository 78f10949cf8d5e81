import type { Connection } from "../../../db/client.ts";
import { rankOf } from "../../../db/enums.ts";
import { taskDependencies, tasks, workflows } from "../../../db/schema/index.ts";
import { bottomKey } from "./position.ts";
import { refreshReadiness } from "./readiness.ts";
import type { TaskRow } from "./task-row.ts";

/** Rows for tests that are not about how they came to be. */
export async function addWorkflow(db: Connection, values: Partial<typeof workflows.$inferInsert> = {}) {
  const [row] = await db.orm
    .insert(workflows)
    .values({ name: "A workflow", ...values })
    .returning();
  if (!row) throw new Error("An insert answers with its row");
  return row;
}

export async function addTask(
  db: Connection,
  workflowId: string,
  { dependsOn = [], ...values }: Partial<typeof tasks.$inferInsert> & { dependsOn?: string[] } = {},
): Promise<TaskRow> {
  const priority = values.priority ?? "medium";
  const [row] = await db.orm
    .insert(tasks)
    .values({ workflowId, name: "A task", position: bottomKey(), queueRank: rankOf(priority), ...values })
    .returning();
  if (!row) throw new Error("An insert answers with its row");
  for (const dependsOnId of dependsOn) await db.orm.insert(taskDependencies).values({ taskId: row.id, dependsOnId });
  const [refreshed] = await refreshReadiness(db, [row.id]);
  return refreshed ?? row;
}
