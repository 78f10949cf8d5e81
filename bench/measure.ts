import { readFileSync } from "node:fs";

export interface Figure {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Runs `workers` loops of `cycle` side by side for `seconds`; a cycle that answers false ends its loop. */
export async function loop(
  workers: number,
  seconds: number,
  cycle: (worker: number) => Promise<boolean>,
): Promise<Figure> {
  const taken = await timed(workers, seconds, cycle);
  return summary(taken.times, taken.seconds);
}

async function timed(workers: number, seconds: number, cycle: (worker: number) => Promise<boolean>) {
  const times: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let from = performance.now(); from < end; from = performance.now()) {
        if (!(await cycle(worker))) return;
        times.push(performance.now() - from);
      }
    }),
  );
  return { times, seconds: (performance.now() - start) / 1000 };
}

/** How many cycles end in each of so many seconds. */
export async function perSecond(
  workers: number,
  seconds: number,
  cycle: (worker: number) => Promise<boolean>,
): Promise<number[]> {
  const counts = Array.from({ length: seconds }, () => 0);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() - start < seconds * 1000 && (await cycle(worker))) {
        const second = Math.floor((performance.now() - start) / 1000);
        if (second < seconds) counts[second] = (counts[second] ?? 0) + 1;
      }
    }),
  );
  return counts;
}

/** Rounds of several contenders in turn, so that a machine that others use as well treats them alike; figures over all rounds. */
export async function inTurn(
  workers: number,
  contenders: Record<string, (worker: number) => Promise<boolean>>,
  { rounds = 4, seconds = 1.5 } = {},
): Promise<[string, Figure][]> {
  const all = new Map<string, { times: number[]; seconds: number }>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, cycle] of Object.entries(contenders)) {
      const taken = await timed(workers, round === 0 ? 0.3 : seconds, cycle);
      const sum = all.get(name) ?? { times: [], seconds: 0 };
      // The first, short round warms up.
      if (round > 0) all.set(name, { times: [...sum.times, ...taken.times], seconds: sum.seconds + taken.seconds });
    }
  }
  return [...all].map(([name, { times, seconds }]) => [name, summary(times, seconds)]);
}

export function summary(times: number[], seconds: number): Figure {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** One row of a table in Markdown: what, the figure, and its ratio to the limit of the same run. */
export function row(what: string, figure: Figure, limit?: Figure): string {
  const ratio = limit ? (figure.perSecond / limit.perSecond).toFixed(2) : "1";
  return `| ${what} | ${Math.round(figure.perSecond)} | ${figure.p50.toFixed(2)} | ${figure.p99.toFixed(2)} | ${ratio} |`;
}

export const heading = (title: string, against = "limit") =>
  `\n### ${title}\n\n| what | per second | p50 ms | p99 ms | ÷ ${against} |\n| --- | ---: | ---: | ---: | ---: |`;

/** Kilobytes of memory that a process holds. */
export const memoryOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
