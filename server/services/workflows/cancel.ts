import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Ctx } from "../context.ts";
import { mutate } from "../mutate.ts";
import { endRuns } from "../tasks/live-run.ts";
import { recordTask } from "../tasks/record-task.ts";
import type { workflowRef } from "./by-id.ts";
import { changeWorkflow } from "./change.ts";
import { lockWorkflow } from "./find.ts";
import { cannot } from "./pause.ts";
import { recordWorkflow, refreshTasksOf } from "./record-workflow.ts";
import { rollUpSoon, type WorkflowRow } from "./roll-up.ts";
import { changeTasks, lockTasksOf, supersedeOn } from "./task-changes.ts";

/** Ends a workflow for good: what is open in it is cancelled, and the runs of agents with it. */
export async function cancelWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowRow> {
  const workflow = await mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, input.id);
    if (before.status === "cancelled") {
      record.nothing();
      return before;
    }
    if (before.status === "completed") {
      throw cannot("cancelled", before.status, "Only a workflow that is not completed can be cancelled.");
    }
    const workflow = await changeWorkflow(tx, before, {
      status: "cancelled",
      completedAt: sql`now()`,
      pausedAt: null,
      pausedByName: null,
    });
    recordWorkflow(record, { workflow, before, action: "cancelled" });

    const open = await lockTasksOf(tx, workflow.id, ["pending", "in_progress"]);
    const reason = `${ctx.actor.name} cancelled the workflow`;
    await endRuns(
      tx,
      open.map((task) => task.id),
      reason,
    );
    const cancelled = await changeTasks(tx, open, {
      status: "cancelled",
      currentRunId: null,
      queueAfter: null,
      completedAt: sql`now()`,
      failureReason: reason,
    });
    for (const change of cancelled) recordTask(record, { ...change, action: "cancelled", reason });
    await supersedeOn(
      tx,
      record,
      ctx,
      cancelled.map(({ task }) => task),
    );
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
  rollUpSoon(ctx, workflow.id);
  return workflow;
}
