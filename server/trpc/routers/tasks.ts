import { boardInput, columnInput, readBoard, readColumn } from "../../services/tasks/board.ts";
import { readTask, taskRef } from "../../services/tasks/by-id.ts";
import { listTasks, listTasksInput } from "../../services/tasks/list.ts";
import { forMembers, router } from "../trpc.ts";

export const tasksRouter = router({
  list: forMembers.input(listTasksInput).query(({ ctx, input }) => listTasks(ctx, input)),
  board: forMembers.input(boardInput).query(({ ctx, input }) => readBoard(ctx, input)),
  column: forMembers.input(columnInput).query(({ ctx, input }) => readColumn(ctx, input)),
  byId: forMembers.input(taskRef).query(({ ctx, input }) => readTask(ctx, input)),
});
