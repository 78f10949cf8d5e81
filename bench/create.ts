import postgres from "postgres";
import { addBacklog, benchHost } from "./host.ts";
import { heading, loop, row } from "./measure.ts";
import { benchServer } from "./server.ts";

const connections = 64;
const seconds = 5;

/** Create a task over HTTP, with sign-in, audit row and event; the limit is the raw insert of the same rows. */
export async function benchCreate(server: string | undefined): Promise<void> {
  console.log(heading(`create task over HTTP, ${connections} connections, ${server ? "Postgres" : "PGlite"}`));
  const limit = server ? await rawInserts(server) : undefined;
  if (limit) console.log(row("raw SQL insert, same rows", limit));
  const { url, cookie, api, close } = await benchServer(server);
  try {
    const { id: workflowId } = await api.workflows.create.mutate({ name: "Bench" });
    const body = JSON.stringify({ json: { workflowId, name: "Bench task", priority: "high" } });
    const headers = { cookie, origin: url, "content-type": "application/json" };
    const figure = await loop(connections, seconds, async () => {
      const answer = await fetch(`${url}/trpc/tasks.create`, { method: "POST", headers, body });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`tasks.create was answered with ${answer.status}`);
      return true;
    });
    console.log(row("tasks.create", figure, limit));
  } finally {
    await close();
  }
}

async function rawInserts(server: string) {
  const { host, url, close } = await benchHost(server);
  const sql = postgres(url ?? server, { max: connections, onnotice: () => {} });
  try {
    const workflowId = await addBacklog(host, 1000);
    return await loop(connections, seconds, async () => {
      await sql.unsafe(rawCreate, [workflowId], { prepare: true });
      return true;
    });
  } finally {
    await sql.end();
    await close();
  }
}

const rawCreate = `
with t as (
  insert into tasks (id, workflow_id, name, priority, queue_rank, position)
  values (gen_random_uuid(), $1::uuid, 'Bench task', 'high', 0, 'h00000001') returning *
), a as (
  insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_name, changes, request_id)
  select 'task', id, revision, name, workflow_id, id, 'created', 'person', 'raw', to_jsonb(t), 'bench' from t
)
insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_name, data)
select 'task_created', 'tasks', id, workflow_id, id, revision, 'person', 'raw', to_json(t) from t`;
