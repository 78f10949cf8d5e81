import postgres from "postgres";
import { completeRun } from "../server/services/runs/complete.ts";
import { claimTasks } from "../server/services/tasks/claim.ts";
import { addAgents, addBacklog, benchHost } from "./host.ts";
import { heading, loop, row } from "./measure.ts";

const seconds = 5;

/** Claim and complete, one task at a time, by 32 workers: the services against raw SQL that writes the same rows. */
export async function benchQueue(server: string | undefined, workers = 32): Promise<void> {
  console.log(heading(`claim + complete, ${workers} workers, ${server ? "Postgres" : "PGlite"}`));
  const limit = server ? await rawCycles(server, workers) : undefined;
  if (limit) console.log(row("raw SQL, one claim a statement, same rows", limit));

  const { host, close } = await benchHost(server);
  try {
    await addBacklog(host, server ? 60_000 : 10_000);
    const agents = await addAgents(host, workers);
    const figure = await loop(workers, seconds, async (worker) => {
      const agent = agents[worker];
      if (!agent) return false;
      const [claim] = await claimTasks(agent, { max: 1, waitMs: 0 });
      if (!claim) return false;
      await completeRun(agent, { runId: claim.run.id, leaseToken: claim.run.leaseToken, claimNext: false });
      return true;
    });
    console.log(row("services: claim, complete", figure, limit));
  } finally {
    await close();
  }
}

async function rawCycles(server: string, workers: number) {
  const { host, url, close } = await benchHost(server);
  const sql = postgres(url ?? server, { max: workers, onnotice: () => {} });
  try {
    await addBacklog(host, 60_000);
    const agents = await addAgents(host, workers);
    return await loop(workers, seconds, async (worker) => {
      const [claimed] = await sql.unsafe(rawClaim, [agents[worker]?.actor.id ?? ""], { prepare: true });
      if (!claimed) return false;
      await sql.unsafe(rawComplete, [claimed.run_id], { prepare: true });
      return true;
    });
  } finally {
    await sql.end();
    await close();
  }
}

const rawClaim = `
with t as (
  update tasks set status = 'in_progress', agent_id = $1::uuid, attempt = attempt + 1, updated_at = now(), revision = revision + 1
  where id = (select id from tasks where status = 'pending' and ready order by queue_rank, due_date, id limit 1
              for update skip locked)
  returning *
), r as (
  insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at)
  select gen_random_uuid(), id, $1::uuid, attempt, gen_random_uuid(), now() + interval '60 s' from t returning id, task_id
), a as (
  insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_id, actor_name, changes, request_id)
  select 'task', id, revision, name, workflow_id, id, 'claimed', 'agent', $1::uuid, 'raw', '{"status":{"before":"pending","after":"in_progress"}}', 'bench' from t
), e as (
  insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data)
  select 'task_update', 'tasks', id, workflow_id, id, revision, 'agent', $1::uuid, 'raw', to_jsonb(t) from t
)
select id as run_id from r`;

const rawComplete = `
with r as (
  update task_runs set ended_at = now(), outcome = 'succeeded' where id = $1::uuid and ended_at is null returning task_id, agent_id
), t as (
  update tasks set status = 'completed', progress = 100, completed_at = now(), updated_at = now(), revision = revision + 1
  from r where tasks.id = r.task_id returning tasks.*
), a as (
  insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_id, actor_name, changes, request_id)
  select 'task', id, revision, name, workflow_id, id, 'completed', 'agent', agent_id, 'raw', '{"status":{"before":"in_progress","after":"completed"}}', 'bench' from t
), e as (
  insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data)
  select 'task_update', 'tasks', id, workflow_id, id, revision, 'agent', agent_id, 'raw', to_jsonb(t) from t
)
select task_id from r`;
