import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { WorkflowStatus } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { mutate } from "../mutate.ts";
import type { workflowRef } from "./by-id.ts";
import { changeWorkflow } from "./change.ts";
import { lockWorkflow } from "./find.ts";
import { recordWorkflow, refreshTasksOf } from "./record-workflow.ts";
import { rollUpSoon, type WorkflowRow } from "./roll-up.ts";

/** Stops new claims; agents that hold a task may finish it. */
export function pauseWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowRow> {
  return mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, input.id);
    if (before.status === "paused") {
      record.nothing();
      return before;
    }
    if (before.status !== "running") throw cannot("paused", before.status, "Only a running workflow can be paused.");
    const fields = { status: "paused", pausedAt: sql`now()`, pausedByName: ctx.actor.name } as const;
    const workflow = await changeWorkflow(tx, before, fields);
    recordWorkflow(record, { workflow, before, action: "paused" });
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
}

/** Lets a paused workflow go on, or a draft begin. */
export async function resumeWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowRow> {
  const workflow = await mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, input.id);
    if (before.status === "running") {
      record.nothing();
      return before;
    }
    if (before.status !== "paused" && before.status !== "draft") {
      throw cannot("running", before.status, "Only a paused workflow or a draft can be resumed. Retry one that ended.");
    }
    const workflow = await changeWorkflow(tx, before, { status: "running", pausedAt: null, pausedByName: null });
    recordWorkflow(record, { workflow, before, action: "resumed" });
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
  rollUpSoon(ctx, workflow.id);
  return workflow;
}

export function cannot(to: WorkflowStatus, from: WorkflowStatus, rule: string): Conflict {
  return new Conflict("invalid_transition", `${rule} This one is ${from}.`, { from, to });
}
