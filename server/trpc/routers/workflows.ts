import { readWorkflow, readWorkflowGraph, workflowRef } from "../../services/workflows/by-id.ts";
import { listWorkflows, listWorkflowsInput } from "../../services/workflows/list.ts";
import { forMembers, router } from "../trpc.ts";

export const workflowsRouter = router({
  list: forMembers.input(listWorkflowsInput).query(({ ctx, input }) => listWorkflows(ctx, input)),
  byId: forMembers.input(workflowRef).query(({ ctx, input }) => readWorkflow(ctx, input)),
  graph: forMembers.input(workflowRef).query(({ ctx, input }) => readWorkflowGraph(ctx, input)),
});
