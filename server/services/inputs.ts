import { z } from "zod";
import { priorities } from "../../db/enums.ts";

/** The pieces that inputs are made of. Every message says what to do. */
export const id = z.uuid("This must be an id: a UUID.");

/** A uuid, or the short form that people see: T-142, W-7. */
export const ref = z
  .string()
  .trim()
  .regex(/^([TW]-\d{1,9}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i, "This is no id.");

export const name = z.string().trim().min(1, "Give it a name.").max(255, "Keep the name to 255 characters.");
export const text = (max: number) => z.string().trim().max(max, `Keep this to ${max} characters.`);
export const description = text(20_000).nullable();
export const priority = z.enum(priorities, { error: "Choose high, medium or low." });
export const dueDate = z.iso.date("Give a day as YYYY-MM-DD.").nullable();
export const revision = z.coerce.number().int().positive();
export const idempotencyKey = z.string().min(1).max(200);

/** Lower-case slugs; forms send them as one comma-separated text. */
export const slugs = z.preprocess(
  (value) =>
    typeof value === "string"
      ? value
          .split(",")
          .map((word) => word.trim())
          .filter(Boolean)
      : value,
  z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Use lower-case words of letters, digits, dots and dashes."),
    )
    .max(50, "Name at most 50.")
    .transform((words) => [...new Set(words)]),
);

export const cursor = z.string().max(500);
export const limit = z.coerce.number().int().min(1).max(200).default(50);
export const page = { cursor: cursor.nullish(), limit };
export const search = text(200);

/** A field that may be left out; an empty field of a form is left out too. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  const emptied = z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
  // A preprocessed schema takes anything; its callers keep the types of what is inside.
  return (emptied as unknown as z.ZodType<z.output<Schema> | undefined, z.input<Schema> | "" | undefined>).optional();
}

/** A field whose value an empty field of a form takes away. */
export function clearable<Schema extends z.ZodType>(schema: Schema) {
  const emptied = z.preprocess((value) => (value === "" ? null : value), schema.nullable());
  // As above.
  return emptied as unknown as z.ZodType<z.output<Schema> | null, z.input<Schema> | "" | null>;
}

/** Yes or no, also as a form's checkbox says it; no when left out. */
export const flag = optional(z.stringbool().or(z.boolean())).transform((value) => value ?? false);
