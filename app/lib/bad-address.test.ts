import { expect, test } from "bun:test";
import { z } from "zod";
import { wrongParts } from "./bad-address.ts";

const causeOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error;

test("a bad address is told in sentences, one for each part", () => {
  const schema = z.object({ priority: z.enum(["high"], { error: "Choose high." }), page: z.number("Give a number.") });
  expect(wrongParts(causeOf(schema, { priority: "urgent", page: "x" }))).toBe(
    "“priority” does not fit: Choose high. “page” does not fit: Give a number.",
  );
});

test("what may be one of several things says what the first of them wants", () => {
  const status = z.enum(["open"], { error: "Choose open." });
  const schema = z.object({ status: z.union([status, z.array(status)]) });
  expect(wrongParts(causeOf(schema, { status: "zz" }))).toBe("“status” does not fit: Choose open.");
});

test("other refusals speak for themselves", () => {
  expect(wrongParts(new Error("no"))).toBeUndefined();
});
