import type { z } from "zod";

interface Target {
  taskId?: string | undefined;
  workflowId?: string | undefined;
  suggestionId?: string | undefined;
}

/** A comment belongs to one thing: a task, a workflow or a suggestion. */
export function exactlyOneTarget<Schema extends z.ZodType<Target>>(schema: Schema) {
  return schema.refine(
    ({ taskId, workflowId, suggestionId }) => [taskId, workflowId, suggestionId].filter(Boolean).length === 1,
    { message: "Name exactly one of taskId, workflowId and suggestionId.", path: ["taskId"] },
  );
}
