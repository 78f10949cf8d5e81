import { summary } from "../../bench/measure.ts";
import type { Options } from "./options.ts";
import type { Simulation } from "./simulate.ts";
import { noCount, type Tap, timedCalls } from "./tap.ts";

const megabytes = (bytes: number) => bytes / 1_000_000;
const shownViolations = 20;

/** How far it is, in one line. */
export function liveLine({ ledger, byProfile, times }: Tap, seconds: number): string {
  const errors = [...byProfile.values()].reduce((sum, count) => sum + count.errors, 0);
  return [
    `${seconds.toFixed(0).padStart(4)} s`,
    `${ledger.tasks.size} tasks created`,
    `${ledger.completions.length} completed (${(ledger.completions.length / seconds).toFixed(0)}/s)`,
    `${ledger.refusals.length} refused`,
    `${errors} errors`,
    `claim p99 ${ms(summary(times.claim, seconds).p99)} ms`,
    `${megabytes(process.memoryUsage.rss()).toFixed(0)} MB`,
  ].join(" · ");
}

/** All that came out of it, for programs. Times are milliseconds. */
export function reportOf(simulation: Simulation, { agents, profile, seed, load }: Options) {
  const { tap, seconds, verdict, memory } = simulation;
  const { ledger, byProfile } = tap;
  const timed = timedCalls.map((call) => {
    const times = tap.times[call];
    const { p50, p99 } = summary(times, seconds);
    return [call, { count: times.length, p50, p99, max: times.reduce((most, one) => Math.max(most, one), 0) }] as const;
  });
  const perAgent = (memory.after - memory.before) / agents;
  return {
    options: { agents, profile, seed, ...load },
    seconds,
    created: ledger.tasks.size,
    claims: ledger.claims.size,
    completions: ledger.completions.length,
    refused: ledger.refusals.length,
    profiles: [...simulation.agents].map(([name, count]) => ({
      name,
      agents: count,
      ...(byProfile.get(name) ?? noCount()),
    })),
    calls: Object.fromEntries(timed),
    errors: Object.fromEntries(tap.errors),
    memory: { megabytes: megabytes(memory.after), perAgent: megabytes(perAgent) },
    check: verdict,
  };
}
export type Report = ReturnType<typeof reportOf>;

/** The same for people. */
export function wordsOf(report: Report): string {
  const { options, seconds, check, memory } = report;
  const columns = ["agents", "claims", "completions", "failures", "suggestions", "refused", "errors"] as const;
  return [
    `\n${options.agents} agents (${options.profile}, seed ${options.seed}), ${seconds.toFixed(1)} s`,
    `${report.created} tasks created, ${list(check.byStatus) || "none checked"}; ${check.runs} runs, ${(report.completions / seconds).toFixed(1)} completions/s`,
    Object.keys(check.open).length > 0 ? `Not ended, by the factory's reasons: ${list(check.open)}` : undefined,
    "",
    table(
      ["profile", ...columns],
      report.profiles.map((one) => [one.name, ...columns.map((column) => String(one[column]))]),
    ),
    "",
    table(
      ["call", "answered", "p50 ms", "p99 ms", "max ms"],
      Object.entries(report.calls).map(([call, { count, p50, p99, max }]) => [
        call,
        String(count),
        ms(p50),
        ms(p99),
        ms(max),
      ]),
    ),
    "A claim counts from when there was a task for it; refused are reports under a lease that was lost, as they should be.",
    `Memory: ${memory.megabytes.toFixed(0)} MB, ${memory.perAgent.toFixed(2)} MB for each agent.`,
    ...Object.entries(report.errors).map(([what, count]) => `Error, ${count} times: ${what}`),
    "",
    verdictOf(check.violations),
  ]
    .filter((line) => line !== undefined)
    .join("\n");
}

function verdictOf(violations: string[]): string {
  if (violations.length === 0) return "Self-check: the factory's records agree with all that the agents were told.";
  const shown = violations.slice(0, shownViolations).map((one) => `  ${one}`);
  const more = violations.length - shown.length;
  return [`Self-check FAILED, ${violations.length} times:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join(
    "\n",
  );
}

const ms = (time: number) => (Number.isNaN(time) ? "–" : time.toFixed(1));
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");

function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return [head, ...rows].map(line).join("\n");
}
