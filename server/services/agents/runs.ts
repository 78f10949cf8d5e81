import { z } from "zod";
import type { RunOutcome, TaskStatus } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { id, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { Where } from "../where.ts";

export const agentRunsInput = z.object({ id, ...page });

export interface AgentRun {
  id: string;
  taskId: string;
  taskNumber: number;
  taskName: string;
  taskStatus: TaskStatus;
  attempt: number;
  claimedAt: Date;
  endedAt: Date | null;
  /** Null while it is live. */
  outcome: RunOutcome | null;
  /** Shortened. */
  error: string | null;
  waitedSeconds: number;
}

/** What an agent worked on, newest first. */
export async function listAgentRuns(ctx: Ctx, input: z.output<typeof agentRunsInput>): Promise<Page<AgentRun>> {
  const where = new Where().on(input.id, "r.agent_id = $");
  if (input.cursor) where.add(`r.id < ${where.param(decodeCursor(input.cursor, 1)[0])}::uuid`);
  const rows = await ctx.db.query<object>(
    `select r.id, r.task_id, t.number as task_number, t.name as task_name, t.status as task_status, r.attempt, r.claimed_at,
       r.ended_at, r.outcome, left(r.error, 300) as error, r.waited_seconds
     from task_runs r join tasks t on t.id = r.task_id where ${where.sql} order by r.id desc limit ${input.limit + 1}`,
    where.params,
  );
  return pageOf(
    rows.map((row) => camelCased<AgentRun>(row)),
    input.limit,
    {
      toItem: (run) => run,
      placeOf: (run) => [run.id],
    },
  );
}
