import { z } from "zod";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import { id, name, priority, slugs, text } from "../inputs.ts";

/** What the server does itself when a suggestion is approved. */
export const effect = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("set_status"),
      status: z.enum(["pending", "completed", "failed", "cancelled"], {
        error: "Choose pending, completed, failed or cancelled. A task starts when it is claimed.",
      }),
    }),
    z.strictObject({ kind: z.literal("set_priority"), priority }),
    /** Null leaves the task to whoever can do it. */
    z.strictObject({ kind: z.literal("assign"), agentId: id.nullable() }),
    z.strictObject({
      kind: z.literal("add_task"),
      name,
      description: text(20_000).optional(),
      priority: priority.optional(),
      requiredCapabilities: slugs.optional(),
    }),
    z.strictObject({ kind: z.literal("retry") }),
  ],
  {
    error:
      "Give an effect with one of these kinds: set_status, set_priority, assign, add_task, retry; " +
      "or none, to be told of the decision and act on it.",
  },
) satisfies z.ZodType<SuggestionEffect>;
