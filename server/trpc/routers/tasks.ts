import { assignTask, assignTaskInput } from "../../services/tasks/assign.ts";
import { boardInput, columnInput, readBoard, readColumn } from "../../services/tasks/board.ts";
import { readTask, taskRef } from "../../services/tasks/by-id.ts";
import { cancelTask, cancelTaskInput } from "../../services/tasks/cancel.ts";
import { claimInput, claimTasks } from "../../services/tasks/claim.ts";
import { createTask, createTaskInput } from "../../services/tasks/create.ts";
import { explainTask } from "../../services/tasks/explain.ts";
import { listTasks, listTasksInput } from "../../services/tasks/list.ts";
import { moveTask, moveTaskInput } from "../../services/tasks/move.ts";
import { removeTask, removeTaskInput, restoreTask } from "../../services/tasks/remove.ts";
import { retryTask } from "../../services/tasks/retry.ts";
import { updateTask, updateTaskInput } from "../../services/tasks/update.ts";
import { forAgents, forMembers, forOperators, router } from "../trpc.ts";

export const tasksRouter = router({
  list: forMembers.input(listTasksInput).query(({ ctx, input }) => listTasks(ctx, input)),
  board: forMembers.input(boardInput).query(({ ctx, input }) => readBoard(ctx, input)),
  column: forMembers.input(columnInput).query(({ ctx, input }) => readColumn(ctx, input)),
  byId: forMembers.input(taskRef).query(({ ctx, input }) => readTask(ctx, input)),
  explain: forMembers.input(taskRef).query(({ ctx, input }) => explainTask(ctx, input)),
  create: forOperators.input(createTaskInput).mutation(({ ctx, input }) => createTask(ctx, input)),
  update: forOperators.input(updateTaskInput).mutation(({ ctx, input }) => updateTask(ctx, input)),
  move: forOperators.input(moveTaskInput).mutation(({ ctx, input }) => moveTask(ctx, input)),
  assign: forOperators.input(assignTaskInput).mutation(({ ctx, input }) => assignTask(ctx, input)),
  retry: forOperators.input(taskRef).mutation(({ ctx, input }) => retryTask(ctx, input)),
  cancel: forOperators.input(cancelTaskInput).mutation(({ ctx, input }) => cancelTask(ctx, input)),
  remove: forOperators.input(removeTaskInput).mutation(({ ctx, input }) => removeTask(ctx, input)),
  restore: forOperators.input(taskRef).mutation(({ ctx, input }) => restoreTask(ctx, input)),
  claim: forAgents.input(claimInput).mutation(({ ctx, input, signal }) => claimTasks(ctx, input, signal)),
});
