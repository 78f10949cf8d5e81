import { z } from "zod";
import { name, slugs, text } from "../inputs.ts";

/** What people say about an agent. */
export const agentFields = {
  name,
  description: text(2_000).nullable(),
  capabilities: slugs,
  maxConcurrent: z.coerce
    .number("Give a whole number from 1 to 1000.")
    .int("Give a whole number from 1 to 1000.")
    .min(1, "At least one run at a time.")
    .max(1000, "At most 1000 runs at a time."),
};
