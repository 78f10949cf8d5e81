export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts from `bun test`'s JUnit report. A report that is missing counts as one failure: nothing is known to have passed. */
export async function countJunit(path: string): Promise<Counts> {
  const file = Bun.file(path);
  if (!(await file.exists())) return { passed: 0, failed: 1, skipped: 0 };
  const head = /<testsuites[^>]*>/.exec(await file.text())?.[0] ?? "";
  const figure = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const [tests, failed, skipped] = [figure("tests"), figure("failures") + figure("errors"), figure("skipped")];
  return { passed: tests - failed - skipped, failed, skipped };
}

/** Counts from Playwright's JSON report. */
export async function countPlaywright(path: string): Promise<Counts> {
  const file = Bun.file(path);
  if (!(await file.exists())) return { passed: 0, failed: 1, skipped: 0 };
  const { stats, errors } = (await file.json()) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
    errors: unknown[];
  };
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped };
}

/** The last line of a check. Under CI nothing may be skipped, so there a skipped test counts as failed. */
export function closingLine(counts: Counts[]): string {
  const sum = (pick: (one: Counts) => number) => counts.reduce((total, one) => total + pick(one), 0);
  const skipped = sum((one) => one.skipped);
  const isStrict = process.env.CI === "true";
  const failed = sum((one) => one.failed) + (isStrict ? skipped : 0);
  const tail = skipped > 0 && !isStrict ? `, ${skipped} skipped` : "";
  return `${sum((one) => one.passed)} passed, ${failed} failed${tail}`;
}
