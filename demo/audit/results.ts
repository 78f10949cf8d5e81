import { z } from "zod";
import type { Job } from "../../client/index.ts";
import { NonRetryable } from "../../client/index.ts";

/** What the audit's tasks hand on to each other. `kind` tells them apart where one task depends on several. */
export const fileList = z.object({
  kind: z.literal("files"),
  /** How they were found: by git, or by walking the folders where there is no git. */
  source: z.enum(["git", "walk"]),
  files: z.array(z.string()),
  bytes: z.number(),
});

export const lineCount = z.object({
  kind: z.literal("lines"),
  languages: z.array(z.object({ language: z.string(), files: z.number(), lines: z.number() })),
});

export const licenceReview = z.object({
  kind: z.literal("licences"),
  packages: z.number(),
  byLicence: z.array(z.object({ licence: z.string(), count: z.number() })),
  /** What the allow-list does not cover, and what a person decided about it. */
  outside: z.array(
    z.object({
      licence: z.string(),
      packages: z.array(z.string()),
      outcome: z.enum(["accepted", "refused", "undecided"]),
      by: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
});

export const proofreading = z.object({
  kind: z.literal("proofreading"),
  marks: z.array(z.object({ file: z.string(), line: z.number(), text: z.string() })),
  linksChecked: z.number(),
  brokenLinks: z.array(z.object({ file: z.string(), line: z.number(), target: z.string() })),
});

export type FileList = z.output<typeof fileList>;
export type LineCount = z.output<typeof lineCount>;
export type LicenceReview = z.output<typeof licenceReview>;
export type Proofreading = z.output<typeof proofreading>;

/** The result of this shape among those that the task depended on. */
export function resultFor<Schema extends z.ZodType>(job: Pick<Job, "context">, schema: Schema): z.output<Schema> {
  for (const { result } of job.context.dependencies) {
    const { success, data } = schema.safeParse(result);
    if (success) return data;
  }
  throw new NonRetryable("A result that this task builds on is missing. Let the task depend on the one that makes it.");
}
