import postgres from "postgres";
import type { AgentCtx } from "../server/services/context.ts";
import { completeRun } from "../server/services/runs/complete.ts";
import { type Claim, claimTasks } from "../server/services/tasks/claim.ts";
import { addAgents, addBacklog, benchHost } from "./host.ts";
import { heading, inTurn, row } from "./measure.ts";

/** Claim and complete, one task at a time, by 32 workers: the services against raw SQL that writes the same rows. */
export async function benchQueue(server: string | undefined, workers = 32): Promise<void> {
  console.log(heading(`claim + complete, ${workers} workers, ${server ? "Postgres" : "PGlite"}`));
  const { host, url, close } = await benchHost(server);
  const raw = url ? postgres(url, { max: workers, onnotice: () => {} }) : undefined;
  try {
    await addBacklog(host, url ? 100_000 : 20_000);
    const agents = await addAgents(host, workers);
    const figures = await inTurn(workers, {
      ...(raw && {
        "raw SQL, one claim a statement, same rows": rawCycle(
          raw,
          agents.map((agent) => agent.actor.id),
        ),
      }),
      "services: claim, complete": singleCycle(agents),
      "services: complete brings the next": chainedCycle(agents),
    });
    for (const [what, figure] of figures) console.log(row(what, figure, raw && figures[0]?.[1]));
  } finally {
    await raw?.end();
    await close();
  }
}

export function singleCycle(agents: AgentCtx[]) {
  return async (worker: number) => {
    const agent = agents[worker];
    const [claim] = agent ? await claimTasks(agent, { max: 1, waitMs: 0 }) : [];
    if (!agent || !claim) return false;
    await completeRun(agent, { ...leaseOf(claim), claimNext: false });
    return true;
  };
}

function chainedCycle(agents: AgentCtx[]) {
  const held = new Map<number, Claim | undefined>();
  return async (worker: number) => {
    const agent = agents[worker];
    if (!agent) return false;
    const claim = held.get(worker) ?? (await claimTasks(agent, { max: 1, waitMs: 0 }))[0];
    if (!claim) return false;
    const { next } = await completeRun(agent, { ...leaseOf(claim), claimNext: true });
    held.set(worker, next[0]);
    return true;
  };
}

const leaseOf = ({ run }: Claim) => ({ runId: run.id, leaseToken: run.leaseToken });

/** One task at a time with raw SQL, as these agents. */
export function rawCycle(sql: postgres.Sql, agentIds: string[]) {
  return async (worker: number) => {
    const [claimed] = await sql.unsafe(rawClaim, [agentIds[worker] ?? ""], { prepare: true });
    if (!claimed) return false;
    await sql.unsafe(rawComplete, [claimed.run_id], { prepare: true });
    return true;
  };
}

const rawClaim = `
with t as (
  update tasks set status = 'in_progress', agent_id = $1::uuid, attempt = attempt + 1, updated_at = now(), revision = revision + 1
  where id = (select id from tasks where status = 'pending' and ready and required_capabilities[1:16] = '{}'
              order by queue_rank, coalesce(due_date, 'infinity'::date), number limit 1
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
  select 'task_update', 'tasks', id, workflow_id, id, revision, 'agent', $1::uuid, 'raw', to_json(t) from t
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
  select 'task_update', 'tasks', id, workflow_id, id, revision, 'agent', agent_id, 'raw', to_json(t) from t
)
select task_id from r`;
