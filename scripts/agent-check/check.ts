import { type Factory, startFactory } from "./factory.ts";
import { Fault, NotApplicable, type Scenario } from "./scenario.ts";
import { openStand, type ProgramOptions } from "./stand.ts";

export interface Finding {
  name: string;
  title: string;
  verdict: "passed" | "failed" | "not applicable" | "not tried";
  /** What was seen, in a sentence or two. */
  seen: string;
  rule: string;
  /** What to do about a failure. */
  advice?: string;
  /** What the program printed last, when it failed. */
  lastWords?: string[];
  seconds: number;
}

export interface Check {
  program: ProgramOptions;
  scenarios: readonly Scenario[];
  factory: Factory;
  /** Told of each as soon as it is known. */
  onFinding?(finding: Finding): void;
}

/** How many scenarios take place at once. They mostly wait. */
const atOnce = 5;
/** Long enough for a restart: what is tried there is not the lease. */
const ownServerLease = 20;

/** Runs the scenarios: the first alone, since the others rest on it, then those that take longest first. */
export async function checkAgent(check: Check, cleanup: AsyncDisposableStack): Promise<Finding[]> {
  const { scenarios, onFinding } = check;
  const findings = new Map<Scenario, Finding>();
  const note = (scenario: Scenario, finding: Finding) => {
    findings.set(scenario, finding);
    onFinding?.(finding);
  };
  const left = [...scenarios];
  const [first] = left;
  if (first?.isBasic) {
    left.shift();
    const finding = await tryScenario(check, first, cleanup);
    note(first, finding);
    if (finding.verdict === "failed") {
      const seen = `The program failed at "${first.name}", on which this rests.`;
      for (const scenario of left.splice(0))
        note(scenario, { ...about(scenario), verdict: "not tried", seen, seconds: 0 });
    }
  }
  left.sort((a, b) => Number(b.endsServer ?? false) - Number(a.endsServer ?? false));
  const workers = Array.from({ length: atOnce }, async () => {
    for (let next = left.shift(); next; next = left.shift()) note(next, await tryScenario(check, next, cleanup));
  });
  await Promise.all(workers);
  return scenarios.flatMap((scenario) => findings.get(scenario) ?? []);
}

const about = ({ name, title, rule }: Scenario) => ({ name, title, rule });

async function tryScenario(check: Check, scenario: Scenario, cleanup: AsyncDisposableStack): Promise<Finding> {
  if (scenario.needsSignals && process.platform === "win32") {
    const seen = "This platform has no signals to stop and continue a process.";
    return { ...about(scenario), verdict: "not applicable", seen, seconds: 0 };
  }
  const began = performance.now();
  const own = cleanup.use(new AsyncDisposableStack());
  let lastWords = (): string[] => [];
  const finding = (verdict: Finding["verdict"], seen: string, more: Partial<Finding> = {}): Finding => {
    const seconds = Math.round(performance.now() - began) / 1000;
    return { ...about(scenario), verdict, seen, seconds, ...more };
  };
  try {
    const factory = scenario.endsServer ? await startFactory(own, ownServerLease) : check.factory;
    const stand = await openStand(own, factory, check.program, scenario.name);
    lastWords = stand.lastWords;
    return finding("passed", await scenario.run(stand));
  } catch (error) {
    if (error instanceof NotApplicable) return finding("not applicable", error.message);
    if (error instanceof Fault) {
      const { message, advice = scenario.advice } = error;
      return finding("failed", message, { advice, lastWords: lastWords() });
    }
    const advice =
      "This is no fault of the program: the check or its server failed. Try again; if it stays, report it.";
    return finding("failed", String(error), { advice, lastWords: lastWords() });
  } finally {
    await own.disposeAsync();
  }
}
