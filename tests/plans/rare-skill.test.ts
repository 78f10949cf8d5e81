import { afterAll, beforeAll, expect } from "bun:test";
import type { AgentCtx } from "../../server/services/context.ts";
import { claimTasks } from "../../server/services/tasks/claim.ts";
import { ClaimFloors } from "../../server/services/tasks/claim-floor.ts";
import { addTask, addWorkflow } from "../../server/services/tasks/testing.ts";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { looking } from "../support/looked-at.ts";
import { testOnPostgres } from "../support/only.ts";

/**
 * A hundred thousand tasks wait for one skill, and ten thousand for as many others: who has none of these looks at what it can do and at
 * nothing else, in tables that nobody has counted as in those that somebody has.
 */
const waiting = { common: 100_000, kinds: 10_000 };
const mostLookedAt = 30;

let host: TestHost;
let workflowId: string;
beforeAll(async () => {
  if (!process.env.TEST_DATABASE_URL) return;
  host = await testHost();
  await host.db.query("alter table tasks set (autovacuum_enabled = off)");
  workflowId = (await addWorkflow(host.db)).id;
  await wait(waiting.common, "array['gpu']");
  await wait(waiting.kinds, "array['base', 'customer-' || i]");
}, 120_000);
afterAll(() => host?.close());

const wait = (count: number, needs: string) =>
  host.db.query(
    `insert into tasks (id, workflow_id, name, position, required_capabilities)
     select gen_random_uuid(), $1, 'Task ' || i, 'h' || lpad(i::text, 10, '0'), ${needs} from generate_series(1, ${count}) i`,
    [workflowId],
  );

/** What the agent has claimed, and which of its statements looked at too much. */
async function claimed(agent: AgentCtx, max: number) {
  const looked = new Map<string, number>();
  const ctx = { ...agent, floors: new ClaimFloors(), db: looking(host.db, looked) };
  const claims = await claimTasks(ctx, { max, waitMs: 0 });
  // The second time with what was learnt by the first.
  claims.push(...(await claimTasks(ctx, { max, waitMs: 0 })));
  expect(looked.size).toBeGreaterThan(2);
  expect([...looked].filter(([, rows]) => rows > mostLookedAt)).toEqual([]);
  return claims.map(({ task }) => task.requiredCapabilities.join(" "));
}

for (const [i, tables] of ["uncounted", "counted"].entries()) {
  testOnPostgres(`a claim looks at nothing that its agent cannot do, in ${tables} tables`, async () => {
    if (tables === "counted") await host.db.query("vacuum analyze tasks");
    const translator = await host.agent(undefined, ["translate"], 10);
    expect(await claimed(translator, 1)).toEqual([]);
    await addTask(host.db, workflowId, { requiredCapabilities: ["translate"] });
    expect(await claimed(translator, 2)).toEqual(["translate"]);

    const many = await host.agent(undefined, [`customer-${i + 5}`, "base", "translate", "read"], 10);
    await addTask(host.db, workflowId, { requiredCapabilities: ["translate"] });
    await addTask(host.db, workflowId, { requiredCapabilities: ["read", "translate"] });
    await addTask(host.db, workflowId);
    expect(await claimed(many, 2)).toEqual([`base customer-${i + 5}`, "translate", "read translate", ""]);
  });
}
