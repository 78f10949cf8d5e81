import { readWorkflow, readWorkflowGraph, workflowRef } from "../../services/workflows/by-id.ts";
import { cancelWorkflow } from "../../services/workflows/cancel.ts";
import { createWorkflow, createWorkflowInput } from "../../services/workflows/create.ts";
import { listWorkflows, listWorkflowsInput } from "../../services/workflows/list.ts";
import { pauseWorkflow, resumeWorkflow } from "../../services/workflows/pause.ts";
import { removeWorkflow, removeWorkflowInput, restoreWorkflow } from "../../services/workflows/remove.ts";
import { retryWorkflow } from "../../services/workflows/retry.ts";
import { updateWorkflow, updateWorkflowInput } from "../../services/workflows/update.ts";
import { forMembers, forOperators, router } from "../trpc.ts";

export const workflowsRouter = router({
  list: forMembers.input(listWorkflowsInput).query(({ ctx, input }) => listWorkflows(ctx, input)),
  byId: forMembers.input(workflowRef).query(({ ctx, input }) => readWorkflow(ctx, input)),
  graph: forMembers.input(workflowRef).query(({ ctx, input }) => readWorkflowGraph(ctx, input)),
  create: forOperators.input(createWorkflowInput).mutation(({ ctx, input }) => createWorkflow(ctx, input)),
  update: forOperators.input(updateWorkflowInput).mutation(({ ctx, input }) => updateWorkflow(ctx, input)),
  pause: forOperators.input(workflowRef).mutation(({ ctx, input }) => pauseWorkflow(ctx, input)),
  resume: forOperators.input(workflowRef).mutation(({ ctx, input }) => resumeWorkflow(ctx, input)),
  cancel: forOperators.input(workflowRef).mutation(({ ctx, input }) => cancelWorkflow(ctx, input)),
  retry: forOperators.input(workflowRef).mutation(({ ctx, input }) => retryWorkflow(ctx, input)),
  remove: forOperators.input(removeWorkflowInput).mutation(({ ctx, input }) => removeWorkflow(ctx, input)),
  restore: forOperators.input(workflowRef).mutation(({ ctx, input }) => restoreWorkflow(ctx, input)),
});
