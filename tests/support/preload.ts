import { afterEach, setDefaultTimeout } from "bun:test";

// Generous: a test waits for what should happen, never for time to pass.
setDefaultTimeout(30_000);

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
