import { z } from "zod";
import { failurePolicies } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { clearable, description, name, optional, ref, revision } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { refuseStale } from "../stale.ts";
import { changeWorkflow } from "./change.ts";
import { lockWorkflow } from "./find.ts";
import { recordWorkflow } from "./record-workflow.ts";
import { rollUpSoon, type WorkflowRow } from "./roll-up.ts";

export const updateWorkflowInput = z.object({
  id: ref,
  revision: optional(revision),
  name: name.optional(),
  description: clearable(description).optional(),
  failurePolicy: optional(z.enum(failurePolicies, { error: "Choose continue or fail_fast." })),
});

/** Changes what is said about a workflow; fields that are left out stay. */
export async function updateWorkflow(ctx: Ctx, input: z.output<typeof updateWorkflowInput>): Promise<WorkflowRow> {
  const { id, revision, ...fields } = input;
  const workflow = await mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, id);
    await refuseStale(tx, { kind: "workflow", row: before, revision, statusWord: before.status });
    const { name = before.name, description = before.description, failurePolicy = before.failurePolicy } = fields;
    if (name === before.name && description === before.description && failurePolicy === before.failurePolicy) {
      record.nothing();
      return before;
    }
    const after = await changeWorkflow(tx, before, { name, description, failurePolicy });
    recordWorkflow(record, { workflow: after, before, action: "updated" });
    return after;
  });
  rollUpSoon(ctx, workflow.id);
  return workflow;
}
