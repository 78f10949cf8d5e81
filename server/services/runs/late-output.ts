import { createHash } from "node:crypto";
import type { Connection } from "../../../db/client.ts";
import { artifacts } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import type { RunRow } from "./end-runs.ts";

/**
 * Keeps what a run hands in after its end as evidence: an artifact marked late, never the task's result. The same again,
 * as an agent sends it that got no answer, is there once.
 */
export async function keepLateOutput(
  tx: Connection,
  record: Recorder,
  by: AgentCtx,
  run: RunRow & { workflowId: string },
  output: { result?: unknown; summary?: string | undefined; error?: string | undefined },
): Promise<void> {
  const { result, summary, error } = output;
  if (result === undefined && !summary && !error) return;
  const text = JSON.stringify({ result, summary, error }, null, 2);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const content = new TextEncoder().encode(text);
  const [kept] = await tx.orm
    .insert(artifacts)
    .values({
      id: idOf(run, sha256),
      runId: run.id,
      taskId: run.taskId,
      name: "late-result.json",
      mime: "application/json",
      size: content.length,
      sha256,
      content,
      late: true,
    })
    .onConflictDoNothing({ target: artifacts.id })
    .returning({ id: artifacts.id, name: artifacts.name, size: artifacts.size, late: artifacts.late });
  const [changed] = await tx.query<{ revision: number }>(
    "update task_runs set revision = revision + 1 where id = $1 returning revision",
    [run.id],
  );
  if (!kept || !changed) return;
  record({
    event: "run_update",
    entity: "run",
    action: "late_output_kept",
    id: run.id,
    revision: changed.revision,
    before: null,
    after: kept,
    data: { id: run.id, taskId: run.taskId, outcome: run.outcome, artifact: kept },
    workflowId: run.workflowId,
    taskId: run.taskId,
    by,
  });
}

/**
 * A UUIDv7 of the run's end that is the same for the same output, so that the primary key settles who of several that
 * arrive at once is the first.
 */
function idOf({ id, endedAt }: RunRow, sha256: string): string {
  const time = (endedAt?.getTime() ?? 0).toString(16).padStart(12, "0");
  const hash = createHash("sha256").update(`${id} ${sha256}`).digest("hex");
  return [time.slice(0, 8), time.slice(8), `7${hash.slice(0, 3)}`, `8${hash.slice(3, 6)}`, hash.slice(6, 18)].join("-");
}
