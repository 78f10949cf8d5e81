import postgres from "postgres";
import { addCallers, type Call, type Caller, type Claims, caller, claim, fill, leaseOf } from "./agent-calls.ts";
import { type Figure, heading, inTurn, row, summary } from "./measure.ts";
import { rawCycle } from "./queue.ts";
import { benchServer } from "./server.ts";

const agents = 64;
const perBatch = 10;

/**
 * Agents over HTTP, each with its token, one call at a time, against raw SQL that writes the same rows over as many
 * connections; then how soon an agent that waits for work has a task that was just made.
 */
export async function benchAgents(server: string | undefined): Promise<void> {
  const { url, databaseUrl, cookie, api, close } = await benchServer(server);
  const raw = databaseUrl ? postgres(databaseUrl, { max: agents, onnotice: () => {} }) : undefined;
  try {
    const callers = await addCallers(api, url, agents);
    console.log(heading(`agents over HTTP, ${agents} connections, ${server ? "Postgres" : "PGlite"}`));
    await fill(api, raw ? 40_000 : 10_000);
    const figures = await inTurn(agents, {
      ...(raw && {
        "raw SQL, one claim a statement, same rows": rawCycle(
          raw,
          callers.map(({ id }) => id),
        ),
      }),
      "tasks.claim, runs.complete": single(callers),
      "runs.complete brings the next": chained(callers),
      [batches]: inBatches(callers),
    });
    const limit = raw && figures[0]?.[1];
    for (const [what, figure] of figures)
      console.log(row(what, what === batches ? times(figure, perBatch) : figure, limit));
    await benchPickUp(callers.slice(0, 8), caller(url, { cookie, origin: url }));
  } finally {
    await raw?.end();
    await close();
  }
}

const batches = `tasks.claim of ${perBatch}, ${perBatch} runs.complete in one batch (ms a batch)`;
const times = (figure: Figure, by: number): Figure => ({ ...figure, perSecond: figure.perSecond * by });

function single(callers: Caller[]) {
  return async (worker: number) => {
    const call = callers[worker]?.call;
    const [claimed] = call ? await claim(call, {}) : [];
    if (!call || !claimed) return false;
    await call("runs.complete", leaseOf(claimed));
    return true;
  };
}

function chained(callers: Caller[]) {
  const held = new Map<number, Claims[number] | undefined>();
  return async (worker: number) => {
    const call = callers[worker]?.call;
    const claimed = held.get(worker) ?? (call && (await claim(call, {}))[0]);
    if (!call || !claimed) return false;
    const [done] = await call("runs.complete", { ...leaseOf(claimed), claimNext: true });
    held.set(worker, (done as { next: Claims }).next[0]);
    return true;
  };
}

function inBatches(callers: Caller[]) {
  return async (worker: number) => {
    const call = callers[worker]?.call;
    const claims = call ? await claim(call, { max: perBatch }) : [];
    if (!call || claims.length === 0) return false;
    await call("runs.complete", ...claims.map(leaseOf));
    return true;
  };
}

/** From sending the request that makes a task to its claim at one of the agents that wait; 200 tasks, one after another. */
async function benchPickUp(waiting: Caller[], person: Call): Promise<void> {
  for (const { call } of waiting) for (let rest = 1; rest > 0; ) rest = await takeAll(call);
  const [workflow] = (await person("workflows.create", { name: "Pick-up" })) as { id: string }[];
  const seen: number[] = [];
  let sentAt = 0;
  let picked = () => {};
  let isOver = false;
  const agents = waiting.map(async ({ call }) => {
    while (!isOver) {
      for (const claimed of await claim(call, { waitMs: 2000 })) {
        seen.push(performance.now() - sentAt);
        await call("runs.complete", leaseOf(claimed));
        picked();
      }
    }
  });
  for (let i = 0; i < 200; i++) {
    const pickedUp = new Promise<void>((resolve) => {
      picked = resolve;
    });
    sentAt = performance.now();
    await person("tasks.create", { workflowId: workflow?.id, name: `Pick-up ${i}` });
    await pickedUp;
  }
  isOver = true;
  await Promise.all(agents);
  const { p50, p99 } = summary(seen, 1);
  console.log(
    `\n${waiting.length} agents wait, one task is made: claimed after ${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99)`,
  );
}

async function takeAll(call: Call): Promise<number> {
  const claims = await claim(call, { max: 100 });
  if (claims.length > 0) await call("runs.complete", ...claims.map(leaseOf));
  return claims.length;
}
