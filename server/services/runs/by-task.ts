import { desc, eq } from "drizzle-orm";
import { z } from "zod";
import { agents, taskRuns } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { id } from "../inputs.ts";
import { artifactsOfTask } from "./artifact.ts";

export const byTaskInput = z.strictObject({ taskId: id });

/** The runs of a task, newest first, with their agents' names and artifacts. Lease tokens stay with the agents. */
export async function runsByTask(ctx: Ctx, { taskId }: z.output<typeof byTaskInput>) {
  const [runs, artifacts] = await Promise.all([
    ctx.db.orm
      .select({
        id: taskRuns.id,
        attempt: taskRuns.attempt,
        agentId: taskRuns.agentId,
        agentName: agents.name,
        claimedAt: taskRuns.claimedAt,
        leaseExpiresAt: taskRuns.leaseExpiresAt,
        deadlineAt: taskRuns.deadlineAt,
        waitedSeconds: taskRuns.waitedSeconds,
        endedAt: taskRuns.endedAt,
        stopDeliveredAt: taskRuns.stopDeliveredAt,
        outcome: taskRuns.outcome,
        error: taskRuns.error,
        summary: taskRuns.summary,
        logCount: taskRuns.logCount,
      })
      .from(taskRuns)
      .innerJoin(agents, eq(agents.id, taskRuns.agentId))
      .where(eq(taskRuns.taskId, taskId))
      .orderBy(desc(taskRuns.claimedAt))
      .limit(200),
    artifactsOfTask(ctx, taskId),
  ]);
  return runs.map((run) => ({ ...run, artifacts: artifacts.filter((artifact) => artifact.runId === run.id) }));
}
