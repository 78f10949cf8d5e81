import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { NotFound } from "../errors.ts";
import { refOf } from "../refs.ts";
import type { TaskRow } from "./task-row.ts";

/** The task by its id or T-142, deleted or not. */
export function findTask(db: Connection, ref: string): Promise<TaskRow> {
  return oneTask(db, ref, "");
}

/** The same with its row locked until the transaction ends; one that is in the bin is not found. */
export async function lockTask(tx: Connection, ref: string): Promise<TaskRow> {
  const task = await oneTask(tx, ref, "for no key update");
  if (task.deletedAt) throw new NotFound("task");
  return task;
}

/** The same for a task in the bin. */
export function lockTaskAnywhere(tx: Connection, ref: string): Promise<TaskRow> {
  return oneTask(tx, ref, "for no key update");
}

async function oneTask(db: Connection, ref: string, lock: "" | "for no key update"): Promise<TaskRow> {
  const found = refOf(ref, "T");
  if (!found) throw new NotFound("task");
  const [row] = await db.query<object>(`select * from tasks where ${found.column} = $1 ${lock}`, [found.value]);
  if (!row) throw new NotFound("task");
  return camelCased<TaskRow>(row);
}
