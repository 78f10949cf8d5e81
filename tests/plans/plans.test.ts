import { afterAll, beforeAll, expect } from "bun:test";
import type { AgentCtx, Ctx } from "../../server/services/context.ts";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { fillFactory } from "../support/full-factory.ts";
import { testOnPostgres } from "../support/only.ts";
import { nodesOf, type PlanNode, planOf, type Statement, watched } from "../support/plans.ts";
import { reads } from "./reads.ts";
import { type Samples, samplesOf } from "./samples.ts";
import { writes } from "./writes.ts";

/**
 * A million finished tasks, ten thousand that wait: every read and every worker finds its way by the indexes meant for it. What
 * is asserted is the plan of each statement that the service itself sends, and nothing about time.
 */
const size = { finished: 1_000_000, pending: 10_000, inProgress: 400, agents: 200, workflows: 5_000, runs: 300_000 };

/** Tables that grow with what was done. */
const bulky = ["tasks", "task_runs", "audit_logs", "events"];
/** A sort may take what waits on the board or ended within a week, never all that is finished. */
const mostSorted = 100_000;
/** In the planner's units: far below what it is to look at every task through an index. */
const mostCost = 100_000;

let host: TestHost;
let seen: ReturnType<typeof watched>;
let person: Ctx;
let agent: AgentCtx;
let of: Samples;

beforeAll(async () => {
  if (!process.env.TEST_DATABASE_URL) return;
  host = await testHost();
  await fillFactory(host.db, size);
  of = await samplesOf(host.db);
  seen = watched(host.db);
  person = { ...(await host.person()), db: seen.db };
  agent = { ...(await host.agent("Planned", ["skill-1", "skill-2"], 10)), db: seen.db };
}, 300_000);
afterAll(() => host?.close());

for (const { name, run, uses, isSpan } of reads) {
  testOnPostgres(name, async () => {
    seen.take();
    await run(person, of);
    await expectPlans(seen.take(), uses, isSpan);
  });
}

for (const { name, run, uses } of writes) {
  testOnPostgres(name, async () => {
    seen.take();
    await run(agent, of);
    await host.background.drain();
    await expectPlans(seen.take(), uses);
  });
}

async function expectPlans(statements: Statement[], uses: string[], isSpan = false): Promise<void> {
  const used = new Set<string>();
  const faults: string[] = [];
  for (const statement of statements) {
    const plan = await planOf(host.db, statement);
    for (const node of nodesOf(plan)) if (node["Index Name"]) used.add(node["Index Name"]);
    for (const fault of faultsOf(plan, isSpan))
      faults.push(`${fault}: ${statement.text.replace(/\s+/g, " ").slice(0, 300)}`);
  }
  expect(faults).toEqual([]);
  expect([...used]).toEqual(expect.arrayContaining(uses));
}

/** What Postgres adds for each step that a connection's settings turn off and that cannot be avoided. */
const discouraged = 1e10;

function faultsOf(plan: PlanNode, isSpan: boolean): string[] {
  const faults = nodesOf(plan).flatMap((node) => {
    const relation = node["Relation Name"];
    if (node["Node Type"] === "Seq Scan" && relation && bulky.includes(relation)) return [`reads all of ${relation}`];
    if (isSpan) return [];
    const sorted = Math.max(0, ...(node.Plans ?? []).map((input) => input["Plan Rows"]));
    return node["Node Type"] === "Sort" && sorted > mostSorted ? [`sorts ${sorted} rows`] : [];
  });
  const cost = plan["Total Cost"] % discouraged;
  return cost > mostCost && !isSpan ? [...faults, `costs ${Math.round(cost)}`] : faults;
}
