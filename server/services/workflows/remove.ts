import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Ctx } from "../context.ts";
import { Conflict } from "../errors.ts";
import { flag, ref } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { endRuns, type LiveRun, liveRunsOf } from "../tasks/live-run.ts";
import { recordTask } from "../tasks/record-task.ts";
import { freshStart } from "../tasks/transitions.ts";
import type { workflowRef } from "./by-id.ts";
import { changeWorkflow } from "./change.ts";
import { lockWorkflow, lockWorkflowAnywhere } from "./find.ts";
import { recordWorkflow, refreshTasksOf } from "./record-workflow.ts";
import { rollUpSoon, type WorkflowRow } from "./roll-up.ts";
import { changeTasks, lockTasksOf, placesAtBottom, supersedeOn } from "./task-changes.ts";

export const removeWorkflowInput = z.object({
  id: ref,
  /** Ends the runs of agents that work on it. */
  force: flag,
});

/** Puts a workflow into the bin, and its tasks out of sight with it. */
export function removeWorkflow(ctx: Ctx, input: z.output<typeof removeWorkflowInput>): Promise<WorkflowRow> {
  return mutate(ctx, async (tx, record) => {
    const before = await lockWorkflow(tx, input.id);
    // The pending ones too, so that none is claimed while the workflow goes.
    const open = await lockTasksOf(tx, before.id, ["pending", "in_progress"]);
    const runs = await liveRunsOf(
      tx,
      open.map((task) => task.id),
    );
    if (runs.length > 0 && !input.force) throw stillWorking(runs);

    const workflow = await changeWorkflow(tx, before, { deletedAt: sql`now()` });
    recordWorkflow(record, { workflow, before, action: "removed", event: "workflow_deleted" });
    const held = open.filter((task) => runs.some((run) => run.taskId === task.id));
    const reason = `${ctx.actor.name} removed the workflow`;
    await endRuns(
      tx,
      held.map((task) => task.id),
      reason,
    );
    const givenBack = await changeTasks(tx, held, { ...freshStart(), position: placesAtBottom(held), ready: false });
    for (const change of givenBack) recordTask(record, { ...change, action: "taken_back", reason });
    await supersedeOn(
      tx,
      record,
      ctx,
      givenBack.map(({ task }) => task),
    );
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
}

/** Takes a workflow out of the bin, as it was. */
export async function restoreWorkflow(ctx: Ctx, input: z.output<typeof workflowRef>): Promise<WorkflowRow> {
  const workflow = await mutate(ctx, async (tx, record) => {
    const before = await lockWorkflowAnywhere(tx, input.id);
    if (!before.deletedAt) {
      record.nothing();
      return before;
    }
    const workflow = await changeWorkflow(tx, before, { deletedAt: null });
    recordWorkflow(record, { workflow, before, action: "restored" });
    await refreshTasksOf(tx, record, workflow.id);
    return workflow;
  });
  rollUpSoon(ctx, workflow.id);
  return workflow;
}

function stillWorking(runs: LiveRun[]): Conflict {
  const names = [...new Set(runs.map((run) => run.agentName))];
  const who =
    names.length > 3 ? `${names.length} agents are` : `${names.join(" and ")} ${names.length > 1 ? "are" : "is"}`;
  return new Conflict(
    "has_live_run",
    `${who} working on this workflow. Removing it ends these runs. Confirm to do it anyway.`,
    {
      runs: runs.map(({ runId, taskId, agentId, agentName }) => ({ runId, taskId, agentId, agentName })),
    },
  );
}
