import { z } from "zod";
import { clearable, description, dueDate, name, optional, priority, slugs } from "../inputs.ts";

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number(`Give a number from ${min} to ${max}.`)
    .int()
    .min(min, `Give ${min} or more.`)
    .max(max, `Give at most ${max}.`);

function parsedJson(text: string, ctx: z.RefinementCtx): z.core.util.JSONType {
  try {
    return JSON.parse(text);
  } catch {
    ctx.addIssue({ code: "custom", message: 'Write this as JSON, such as { "path": "docs" }.' });
    return z.NEVER;
  }
}

/** What a person or a program says about a task. */
export const taskFields = {
  name,
  description: clearable(description).optional(),
  priority: optional(priority),
  dueDate: clearable(dueDate).optional(),
  labels: slugs.optional(),
  requiredCapabilities: slugs.optional(),
  /** Any JSON; the agent receives it with the task. */
  input: z.json().optional(),
  /** The same as a form's text; empty for none. */
  inputJson: clearable(z.string().max(100_000).transform(parsedJson)).optional(),
  maxAttempts: optional(wholeNumber(1, 100)),
  /** How long one attempt may take without waiting for people; null for no limit. */
  timeoutSeconds: clearable(wholeNumber(1, 604_800)).optional(),
  /** How long it may wait, claimable, until an agent takes it; then it fails. Null for as long as it takes. */
  queueTtlSeconds: clearable(wholeNumber(1, 2_592_000)).optional(),
};
export type TaskFieldsInput = z.output<z.ZodObject<typeof taskFields>>;
