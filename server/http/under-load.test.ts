import { afterAll, beforeAll, expect } from "bun:test";
import type { TRPCClientError } from "@trpc/client";
import postgres from "postgres";
import { testOnPostgres } from "../../tests/support/only.ts";
import { until } from "../../tests/support/until.ts";
import { httpClient, type TestServer, testServer } from "../testing.ts";
import type { AppRouter } from "../trpc/router.ts";
import { reapRuns } from "../workers/reaper.ts";

let server: TestServer;
let outside: postgres.Sql;
beforeAll(async () => {
  server = await testServer();
  outside = postgres(server.db.url ?? "", { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  // Whatever it holds, or the server would wait for it.
  await outside.end({ timeout: 0 });
  await server.stop();
});

/** Reads and writes together; the reserved ones are not among them. */
const ordinaryConnections = 16;
const secondMs = 1000;

/** Nobody can read or write an audit row until `release`: reads and changes hang, as behind any statement that takes long. */
async function holdUpWrites() {
  const hold = await outside.reserve();
  await hold`begin`;
  await hold`lock table audit_logs in access exclusive mode`;
  return async () => {
    await hold`rollback`;
    hold.release();
  };
}

testOnPostgres("leases are renewed while every ordinary connection hangs and hundreds of calls wait", async () => {
  const { cookie } = await server.signedIn();
  const people = httpClient(server.url, { cookie, origin: server.url });
  const [worker, asker] = await Promise.all(
    ["worker", "asker"].map((name) => people.agents.create.mutate({ name, maxConcurrent: 100 })),
  );
  const [agent, other] = [worker, asker].map((made) =>
    httpClient(server.url, { authorization: `Bearer ${made?.token}` }),
  );
  const tasks = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, name: `Task ${i}` }));
  const workflow = await people.workflows.create.mutate({ name: "Under way", tasks });
  const claims = (await agent?.tasks.claim.mutate({ max: 20 })) ?? [];
  expect(claims).toHaveLength(20);
  const runs = claims.map(({ run }) => ({ runId: run.id, leaseToken: run.leaseToken }));

  const release = await holdUpWrites();
  const ordinary = [
    ...Array.from({ length: 40 }, (_, i) => people.audit.list.query({ action: `flood-${i}` })),
    ...Array.from({ length: 40 }, (_, i) => people.workflows.create.mutate({ name: `Flood ${i}` })),
    ...Array.from({ length: 40 }, (_, i) =>
      people.tasks.create.mutate({ workflowId: workflow.id, name: `Flood ${i}`, idempotencyKey: `flood-${i}` }),
    ),
    ...Array.from({ length: 200 }, () => other?.tasks.claim.mutate({ max: 1 })),
  ].map((call) => Promise.resolve(call).catch((error: unknown) => error));
  await until("every ordinary connection hangs", async () => {
    const [row] = await outside<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity
      where datname = current_database() and application_name = 'workflow-factory' and wait_event_type = 'Lock'`;
    return row?.n === ordinaryConnections;
  });

  // Longer than the agent's token is remembered, so that looking it up is tried as well.
  const end = performance.now() + 1.5 * secondMs;
  while (performance.now() < end) {
    await outside`update task_runs set lease_expires_at = now() + interval '2 seconds'`;
    const answer = await agent?.agents.heartbeat.mutate({ runs });
    const left = answer?.leases.map((lease) => Number(lease.expiresAt) - Number(answer.serverTime)) ?? [];
    expect(left.filter((ms) => ms > 50 * secondMs)).toHaveLength(20);
  }
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);

  await release();
  const answers = await Promise.all(ordinary);
  expect(answers.filter((answer) => answer instanceof Error)).toEqual([]);
  await reapRuns(server.app.host);
  const [row] = await outside<{ n: number }[]>`
    select count(*)::int as n from task_runs where id in ${outside(runs.map((run) => run.runId))} and ended_at is null`;
  expect(row?.n).toBe(20);
});

testOnPostgres("calls beyond what can be answered in time are refused at once, with when to come back", async () => {
  const { cookie } = await server.signedIn();
  const people = httpClient(server.url, { cookie, origin: server.url });
  const { id: workflowId } = await people.workflows.create.mutate({ name: "Too much" });
  const { token } = await people.agents.create.mutate({ name: "steady" });
  const agent = httpClient(server.url, { authorization: `Bearer ${token}` });
  const create = (i: number) =>
    people.tasks.create.mutate({ workflowId, name: `Task ${i}`, idempotencyKey: `too-much-${i}` });

  const release = await holdUpWrites();
  const refusals: TRPCClientError<AppRouter>[] = [];
  const calls = Array.from({ length: 1100 }, (_, i) => create(i).catch((error) => void refusals.push(error)));
  await until("what is too much is refused", async () => refusals.length === 100);
  for (const { message, data } of refusals) {
    expect(data).toMatchObject({ code: "SERVICE_UNAVAILABLE", httpStatus: 503, retryAfter: 1 });
    expect(message).toContain("nothing was done");
  }
  expect((await people.tasks.list.query({}).catch((error) => error)).data.httpStatus).toBe(503);
  const page = await fetch(`${server.url}/trpc/tasks.list`, { headers: { cookie } });
  expect([page.status, page.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await agent.agents.heartbeat.mutate({ runs: [] })).leases).toEqual([]);
  await release();

  await Promise.all(calls);
  const made = async () =>
    outside<{ n: number }[]>`select count(*)::int as n from tasks where workflow_id = ${workflowId}`;
  expect((await made())[0]?.n).toBe(1000);
  await create(1099);
  expect((await made())[0]?.n).toBe(1001);
});
