import { afterAll, beforeAll, expect, test } from "bun:test";
import { createCaller } from "../../client/caller.ts";
import { createClient, type Job, runAgent } from "../../client/index.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { startInstances } from "../support/instances.ts";
import { startProxy, type TcpProxy } from "../support/proxy.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

let factory: Awaited<ReturnType<typeof startInstances>>;
let db: Database;
let way: TcpProxy;
/** The instance that the way leads to. */
let current = 0;
let wayUrl: string;
let cookie: string;
beforeAll(async () => {
  factory = await startInstances(2);
  db = await openDatabase({ url: factory.databaseUrl, poolSize: 2 });
  way = await startProxy(() => Number(new URL(factory.at(current).url).port));
  wayUrl = `http://127.0.0.1:${way.port}`;
  cookie = await signIn(factory.at(0).url);
}, 60_000);
afterAll(async () => {
  await way.close();
  await db.close();
  await factory.close();
});

test("a keyed create whose server is killed before the answer has one effect and the first answer, from another", async () => {
  const { id: workflowId } = await personClient(factory.at(1).url, cookie).workflows.create.mutate({ name: "Once" });
  const api = personClient(wayUrl, cookie);
  const requiredCapabilities = ["nobody-has-it"];
  const body = { workflowId, name: "Made once", requiredCapabilities, idempotencyKey: crypto.randomUUID() };
  const { persist } = createCaller(() => {});

  way.pace(0);
  let tries = 0;
  const answer = persist({ signal: new AbortController().signal }, (signal) => {
    tries++;
    return api.tasks.create.mutate(body, { signal });
  });
  await until("it is committed", () => exists("select 1 from tasks where name = $1", "Made once"));
  expect(await outcomeOf(answer)).toBe("waits");
  await killAndGoOn();

  const task = await answer;
  expect(tries).toBeGreaterThan(1);
  expect(await idsOf("select id from tasks where workflow_id = $1", workflowId)).toEqual([task.id]);
  expect(await factsOf("task", task.id)).toEqual({ audit: ["created"], events: ["task_created"] });
  expect(await personClient(factory.at(current).url, cookie).tasks.create.mutate(body)).toEqual(task);
  const another = personClient(factory.at(current).url, cookie).tasks.create.mutate({ ...body, name: "Another" });
  await expect(another).rejects.toMatchObject({ data: { reason: "idempotency_mismatch" } });
}, 60_000);

test("an agent whose server is killed before it hears that it was heard suggests once and completes once", async () => {
  await factory.replace(1 - current);
  const direct = personClient(factory.at(current).url, cookie);
  const { agent, token } = await direct.agents.create.mutate({ name: "unheard", capabilities: ["speak"] });
  const { tasks } = await direct.workflows.create.mutate({
    name: "Heard",
    tasks: [
      { key: "a", name: "A", requiredCapabilities: ["speak"] },
      { key: "b", name: "B", dependsOn: ["a"], requiredCapabilities: ["else"] },
    ],
  });
  const [first, second] = tasks.map(({ id }) => id);
  if (!first || !second) throw new Error("Two tasks were made");
  let job: Job | undefined;
  let suggested: string | undefined;
  const goOn = Promise.withResolvers<void>();
  const stop = new AbortController();
  const working = runAgent({
    url: wayUrl,
    token,
    signal: stop.signal,
    onNotice: () => {},
    handlers: {
      speak: async (given) => {
        job = given;
        way.pace(0);
        suggested = (await given.suggest({ action: "Say it" })).id;
        await goOn.promise;
        way.pace(0);
        return { said: "it" };
      },
    },
  });

  await until("the suggestion is committed", () => exists("select 1 from suggestions where task_id = $1", first));
  expect(suggested).toBeUndefined();
  await killAndGoOn();
  const kept = await until("it knows its suggestion", () => suggested);
  expect(await idsOf("select id from suggestions where task_id = $1", first)).toEqual([kept]);

  await factory.replace(1 - current);
  goOn.resolve();
  const isCompleted = () => exists("select 1 from tasks where id = $1 and status = 'completed'", first);
  await until("the completion is committed", isCompleted);
  await killAndGoOn();
  await until("its record counts one task, now that it has told another instance", () =>
    exists("select 1 from agents where id = $1 and total_tasks = 1", agent.id),
  );
  stop.abort();
  await working;

  const { audit } = await factsOf("task", first);
  expect(audit.filter((action) => action === "completed")).toHaveLength(1);
  expect(await idsOf("select id from task_runs where task_id = $1 and outcome = 'succeeded'", first)).toEqual([
    job?.run.id ?? "",
  ]);
  expect(await exists("select 1 from tasks where id = $1 and ready and unmet_dependencies = 0", second)).toBe(true);

  const lease = { runId: job?.run.id ?? "", leaseToken: job?.run.leaseToken ?? "" };
  const agentClient = createClient({ url: factory.at(current).url, token });
  const repeated = await agentClient.runs.complete.mutate({ ...lease, result: { said: "something else" } });
  expect(repeated).toEqual({ taskId: first, runId: lease.runId, status: "completed", next: [] });
  const task = await personClient(factory.at(current).url, cookie).tasks.byId.query({ id: first });
  expect(task.result).toEqual({ said: "it" });
}, 60_000);

/** Kills the instance that has committed and not been heard; the way leads to the other one from here on. */
async function killAndGoOn(): Promise<void> {
  await factory.at(current).stop("SIGKILL");
  current = 1 - current;
  way.pace(Number.POSITIVE_INFINITY);
  way.reset();
}

const outcomeOf = (answer: Promise<unknown>) => Promise.race([answer.then(() => "came"), Promise.resolve("waits")]);

async function exists(query: string, param: string): Promise<boolean> {
  return (await db.query(query, [param])).length > 0;
}

async function idsOf(query: string, param: string): Promise<string[]> {
  return (await db.query<{ id: string }>(query, [param])).map(({ id }) => id);
}

/** What was recorded of an entity, oldest first. */
async function factsOf(entity: string, id: string): Promise<{ audit: string[]; events: string[] }> {
  const audit = await db.query<{ action: string }>(
    "select action from audit_logs where entity_type = $1 and entity_id = $2 order by seq",
    [entity, id],
  );
  const events = await db.query<{ type: string }>("select type from events where entity_id = $1 order by seq", [id]);
  return { audit: audit.map(({ action }) => action), events: events.map(({ type }) => type) };
}
