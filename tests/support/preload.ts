import { afterEach } from "bun:test";

const errors: unknown[][] = [];
console.error = (...words: unknown[]) => {
  errors.push(words);
};

/** What was printed as an error is a fault, unless the test took it back with this. */
export const expectedErrors = (): unknown[][] => errors.splice(0);

afterEach(() => {
  const [first] = expectedErrors();
  if (first) throw new Error(`console.error was called: ${first.map(String).join(" ")}`);
});
