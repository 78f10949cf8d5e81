import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { runOutcomes } from "../../../db/enums.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { retallyRuns, tallyRuns } from "./tally.ts";

let host: TestHost;
let agents: string[];
let taskId: string;
beforeAll(async () => {
  host = await testHost();
  agents = (await Promise.all(["One", "Two", "Three"].map((name) => host.agent(name)))).map(({ actor }) => actor.id);
  taskId = (await addTask(host.db, (await addWorkflow(host.db)).id)).id;
});
afterAll(() => host.close());

/** A run of the task that ended so many seconds ago. */
const endRun = (agent: number, outcome: string, secondsAgo: number) =>
  host.db.query(
    `insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at, ended_at, outcome)
     values ($1, $2, $3, 1, $1, now(), now() - make_interval(secs => $4), $5)`,
    [crypto.randomUUID(), taskId, agents[agent], secondsAgo, outcome],
  );

/** As if it were so many seconds later: all that happened is so much longer ago. */
async function wait(seconds: number): Promise<void> {
  await host.db.query("update task_runs set ended_at = ended_at - make_interval(secs => $1)", [seconds]);
  await host.db.query(
    `update settings set value = to_jsonb((value #>> '{}')::timestamptz - make_interval(secs => $1))
     where key = 'tallied_through'`,
    [seconds],
  );
}

const records = () =>
  host.db.query(
    "select total_tasks as total, failed_tasks as failed, success_rate as rate from agents where id = any($1::uuid[]) order by id",
    [agents],
  );

const recount = () =>
  host.db.query(
    `select count(r.id)::int as total, count(r.id) filter (where r.outcome <> 'succeeded')::int as failed,
       avg((r.outcome = 'succeeded')::int)::double precision as rate
     from agents a left join task_runs r on r.agent_id = a.id and r.outcome in ('succeeded', 'failed', 'timed_out', 'lost')
     where a.id = any($1::uuid[]) group by a.id order by a.id`,
    [agents],
  );

const step = fc.oneof(
  fc.record({ agent: fc.nat(2), outcome: fc.constantFrom(...runOutcomes), secondsAgo: fc.nat(50) }),
  fc.record({ wait: fc.constantFrom(1, 30, 59, 61, 301, 400) }),
  fc.constant("tally" as const),
);

test("the agents' records are what a recount of all their runs gives, whenever they were tallied", async () => {
  const history = fc.array(step, { minLength: 30, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      await host.db.query("delete from task_runs");
      await retallyRuns(host.db);
      for (const one of steps) {
        if (one === "tally") await tallyRuns(host.db);
        else if ("wait" in one) await wait(one.wait);
        else await endRun(one.agent, one.outcome, one.secondsAgo);
      }
      await tallyRuns(host.db);
      expect(closely(await records())).toEqual(closely(await recount()));
    }),
    { numRuns: 15 },
  );
});

test("what was kept wrongly is put right from the runs", async () => {
  await host.db.query("delete from task_runs");
  await endRun(0, "succeeded", 600);
  await retallyRuns(host.db);
  await host.db.query("update agent_tallies set failed = 7");
  await tallyRuns(host.db);
  expect((await records())[0]).toMatchObject({ total: 8 });
  await retallyRuns(host.db);
  expect((await records())[0]).toEqual({ total: 1, failed: 0, rate: 1 });
});

const closely = (rows: unknown[]) =>
  JSON.parse(JSON.stringify(rows), (key, value) =>
    key === "rate" && value !== null ? Math.round(value * 1e9) : value,
  );
