import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { NotFound } from "../errors.ts";
import { refOf } from "../refs.ts";
import type { WorkflowRow } from "./roll-up.ts";

/** The workflow by its id or W-7, deleted or not. */
export function findWorkflow(db: Connection, ref: string): Promise<WorkflowRow> {
  return oneWorkflow(db, ref, "");
}

/** The same with its row locked until the transaction ends; one that is in the bin is not found. */
export async function lockWorkflow(tx: Connection, ref: string): Promise<WorkflowRow> {
  const workflow = await oneWorkflow(tx, ref, "for no key update");
  if (workflow.deletedAt) throw new NotFound("workflow");
  return workflow;
}

/** The same for a workflow in the bin. */
export function lockWorkflowAnywhere(tx: Connection, ref: string): Promise<WorkflowRow> {
  return oneWorkflow(tx, ref, "for no key update");
}

/** Keeps the workflow's status from changing until the transaction ends, for what is put into it meanwhile. */
export async function holdWorkflow(tx: Connection, ref: string): Promise<WorkflowRow> {
  const workflow = await oneWorkflow(tx, ref, "for share");
  if (workflow.deletedAt) throw new NotFound("workflow");
  return workflow;
}

async function oneWorkflow(
  db: Connection,
  ref: string,
  lock: "" | "for share" | "for no key update",
): Promise<WorkflowRow> {
  const found = refOf(ref, "W");
  if (!found) throw new NotFound("workflow");
  const [row] = await db.query<object>(`select * from workflows where ${found.column} = $1 ${lock}`, [found.value]);
  if (!row) throw new NotFound("workflow");
  return camelCased<WorkflowRow>(row);
}
