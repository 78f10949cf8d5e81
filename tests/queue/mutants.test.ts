import { expect, test } from "bun:test";
import { mutants } from "./mutants.ts";

test.each(Object.entries(mutants))("what is switched off so that %s stands in its file once", async (_name, mutant) => {
  const text = await Bun.file(mutant.file).text();
  expect(text.split(mutant.search)).toHaveLength(2);
});
