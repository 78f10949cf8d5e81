import type { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { AgentCtx } from "../context.ts";
import { Conflict, type ConflictReason, NotFound } from "../errors.ts";
import { id } from "../inputs.ts";
import type { RunRow } from "./end-runs.ts";

/** Every write of an agent names its run and the run's lease token. */
export const lease = { runId: id, leaseToken: id };
export type Lease = z.output<z.ZodObject<typeof lease>>;

/** What is wrong with a lease that a guarded write did not accept; null when it is live and the agent's own. */
export function refusalOf(run: RunRow | undefined, agentId: string, leaseToken: string): Error | null {
  if (!run) return new NotFound("run");
  if (run.agentId !== agentId || run.leaseToken !== leaseToken) {
    return refusal("other_holder", "Another run holds this task now. Stop working on it.", run);
  }
  if (run.endedAt === null) return null;
  if (run.outcome === "lost" || run.outcome === "timed_out") {
    return refusal(
      "lease_expired",
      "The lease of this run has ended and the task was taken back. Stop working on it.",
      run,
    );
  }
  return refusal("terminal", `This run has ended: ${run.outcome}. Nothing more can be written to it.`, run);
}

function refusal(reason: ConflictReason, message: string, run: RunRow): Conflict {
  return new Conflict(reason, message, {
    runId: run.id,
    taskId: run.taskId,
    outcome: run.outcome,
    endedAt: run.endedAt,
  });
}

/** The live run under this lease with its task's row locked first, or the refusal thrown. Tasks are locked before runs. */
export async function lockLiveRun(tx: Connection, ctx: AgentCtx, { runId, leaseToken }: Lease): Promise<RunRow> {
  await tx.query("select id from tasks where id = (select task_id from task_runs where id = $1) for no key update", [
    runId,
  ]);
  const [row] = await tx.query<object>("select * from task_runs where id = $1", [runId]);
  const run = row && camelCased<RunRow>(row);
  const refused = refusalOf(run, ctx.actor.id, leaseToken);
  if (refused || !run) throw refused ?? new NotFound("run");
  return run;
}
