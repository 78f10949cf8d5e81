import { addArtifact, artifactById, artifactByIdInput, artifactInput } from "../../services/runs/artifact.ts";
import { byTaskInput, runsByTask } from "../../services/runs/by-task.ts";
import { completeInput, completeRun } from "../../services/runs/complete.ts";
import { failInput, failRun, releaseInput, releaseRun } from "../../services/runs/give-up.ts";
import { appendLog, logInput, logsInput, runLogs } from "../../services/runs/log.ts";
import { progressInput, reportProgress } from "../../services/runs/progress.ts";
import { forAgents, forMembers, router } from "../trpc.ts";

export const runsRouter = router({
  progress: forAgents.input(progressInput).mutation(({ ctx, input }) => reportProgress(ctx, input)),
  log: forAgents.input(logInput).mutation(({ ctx, input }) => appendLog(ctx, input)),
  artifact: forAgents.input(artifactInput).mutation(({ ctx, input }) => addArtifact(ctx, input)),
  complete: forAgents.input(completeInput).mutation(({ ctx, input }) => completeRun(ctx, input)),
  fail: forAgents.input(failInput).mutation(({ ctx, input }) => failRun(ctx, input)),
  release: forAgents.input(releaseInput).mutation(({ ctx, input }) => releaseRun(ctx, input)),
  byTask: forMembers.input(byTaskInput).query(({ ctx, input }) => runsByTask(ctx, input)),
  logs: forMembers.input(logsInput).query(({ ctx, input }) => runLogs(ctx, input)),
  artifactById: forMembers.input(artifactByIdInput).query(({ ctx, input }) => artifactById(ctx, input)),
});
