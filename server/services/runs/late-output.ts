import { createHash } from "node:crypto";
import type { Connection } from "../../../db/client.ts";
import { artifacts } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../context.ts";
import type { Recorder } from "../mutate.ts";
import type { RunRow } from "./end-runs.ts";

/** Keeps what a run hands in after its end as evidence: an artifact marked late, never the task's result. */
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
      runId: run.id,
      taskId: run.taskId,
      name: "late-result.json",
      mime: "application/json",
      size: content.length,
      sha256,
      content,
      late: true,
    })
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
