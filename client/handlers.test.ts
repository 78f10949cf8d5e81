import { expect, test } from "bun:test";
import { z } from "zod";
import { type Handler, handler } from "./handlers.ts";
import type { Job } from "./job.ts";

const input = z.object({ path: z.string() });
const output = z.object({ lines: z.number(), unit: z.string().default("lines") });
// What a handler reads of a job here is its input.
const run = async (work: Handler, given: unknown) => work({ input: given } as Job);

test("a result that fits is reported as its schema makes it", async () => {
  const count = handler({ input, output, run: ({ input }) => ({ lines: input.path.length }) });
  expect(await run(count, { path: "ab" })).toEqual({ lines: 2, unit: "lines" });
});

test("a result that does not fit its schema is refused, with the schema's message", async () => {
  // @ts-expect-error: the compiler says so before the schema does
  const count = handler({ input, output, run: async ({ input }) => ({ lines: input.path }) });
  await expect(run(count, { path: "ab" })).rejects.toThrow("expected number");
});

test("without a schema of its own any result is fine", async () => {
  const echo = handler({ input, run: ({ input }) => input });
  expect(await run(echo, { path: "ab" })).toEqual({ path: "ab" });
});

test("anything with a parse is a schema", async () => {
  const shout = { parse: (value: unknown) => String(value).toUpperCase() };
  expect(await run(handler({ input, output: shout, run: ({ input }) => input.path }), { path: "ab" })).toBe("AB");
  // @ts-expect-error: what it makes is a text, so it takes one
  handler({ input, output: shout, run: () => 5 });
});
