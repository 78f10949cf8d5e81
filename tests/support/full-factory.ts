import type { Connection, Database } from "../../db/client.ts";

export interface Size {
  /** Completed, failed and cancelled tasks, over the last hundred days. */
  finished: number;
  pending: number;
  inProgress: number;
  agents: number;
  workflows: number;
  /** How many of the latest finished tasks have their run. */
  runs: number;
}

const bulky = ["tasks", "task_runs", "audit_logs", "audit_seals", "events", "suggestions"];

/**
 * Fills an empty database with a factory's past, within a minute for a million tasks: foreign keys and secondary indexes
 * are dropped, the rows are made by the database, and both are made anew from their own definitions.
 */
export async function fillFactory(db: Database, size: Size): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query("set local statement_timeout = 0");
    await tx.query("set local lock_timeout = 0");
    await tx.query("set local maintenance_work_mem = '512MB'");
    await tx.query(`set local synchronous_commit = off`);
    const rebuild = await dropDefinitions(tx);
    for (const statement of fill(size)) await tx.query(statement);
    for (const statement of rebuild) await tx.query(statement);
  });
  // Index-only scans rest on what VACUUM knows, plans on what ANALYZE does.
  for (const table of ["workflows", "agents", ...bulky]) await db.query(`vacuum analyze ${table}`);
}

/** Drops foreign keys and indexes that no constraint owns; answers with the statements that bring them back. */
async function dropDefinitions(tx: Connection): Promise<string[]> {
  const keys = await tx.query<{ drop: string; add: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
     from pg_constraint where contype = 'f' and conrelid = any($1::text[]::regclass[])`,
    [bulky],
  );
  const indexes = await tx.query<{ drop: string; add: string }>(
    `select format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as add
     from pg_index i where i.indrelid = any($1::text[]::regclass[])
       and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`,
    [bulky],
  );
  for (const { drop } of [...keys, ...indexes]) await tx.query(drop);
  return [...indexes, ...keys].map(({ add }) => add);
}

/** A UUIDv7 of this moment; `i` tells those of one millisecond apart. */
const idAt = (at: string, i: string) => `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0')
  || '7' || lpad(to_hex(${i} % 4096), 3, '0') || '8' || substr(md5(${i}::text), 1, 15))::uuid`;

/** Fractional keys on top of and at the end of all that new cards get: the later the number, the nearer to new cards. */
const finishedKey = (back: string) => `'hzz' || lpad(to_hex(${back}), 6, '0') || '1V'`;
const pendingKey = (i: string) => `'h00' || lpad(to_hex(${i}), 6, '0') || '1V'`;

const verbs = "Read,Check,Write,Translate,Resize,Summarise,Compare,Index,Publish,Archive";
const things = "licences,invoices,pictures,reports,contracts,release notes,measurements,letters,test results,drawings";
const pick = (words: string, by: string) => `('{${words}}'::text[])[1 + (${by}) % ${words.split(",").length}]`;

const taskColumns = `id, workflow_id, name, status, priority, queue_rank, due_date, labels, required_capabilities, position,
  agent_id, current_run_id, progress, ready, attempt, duration_seconds, created_at, started_at, completed_at, updated_at, revision`;

/** Every seventh task is of one workflow that never ends; the rest are spread, neighbours together. */
const workflowOf = (i: string, of: number, { workflows }: Size) =>
  `w.ids[case when ${i} % 7 = 0 then 1 else 1 + (${i}::bigint * ${workflows} / ${of + 1})::int end]`;

/** A number below `n` that has nothing to do with another one of the same task, so that no two columns go together. */
const chance = (n: number, of: number) => `(hashint4(i + ${of}) & 2147483647) % ${n}`;

/** What tasks of every age have in common. One in ten has a label, one in five a due date; few are of high priority. */
const taskFacts = `
  ${pick(verbs, chance(10, 1e6))} || ' ' || ${pick(things, chance(10, 2e6))} || ' ' || i as name,
  case when ${chance(20, 3e6)} = 0 then 'high' when ${chance(3, 4e6)} = 0 then 'low' else 'medium' end as priority,
  case when ${chance(5, 5e6)} = 0 then (now() + (${chance(90, 6e6)} - 60) * interval '1 day')::date end as due_date,
  case when i % 5000 = 0 then '{rare}'::text[] when ${chance(10, 7e6)} = 0 then '{common}' else '{}' end as labels,
  case when ${chance(2, 8e6)} = 0 then array['skill-' || ${chance(10, 9e6)}] else '{}' end as required_capabilities`;

function fill(size: Size): string[] {
  const { finished, pending, inProgress, agents, workflows, runs } = size;
  const lists = `(select array_agg(id order by id) as ids from workflows) w,
    (select array_agg(id order by id) as ids from agents) a`;
  const rank = `case f.priority when 'high' then 0 when 'medium' then 1 else 2 end`;
  return [
    `insert into agents (id, name, capabilities, max_concurrent, last_seen, status)
     select ${idAt("now() - interval '101 days'", "i")}, 'agent-' || i, array['skill-' || i % 10, 'skill-' || (i + 1) % 10], 10, now(), 'online'
     from generate_series(1, ${agents}) i`,
    `insert into workflows (id, name, description, status, started_at, created_at, updated_at)
     select ${idAt("at", "i")}, ${pick(things, "i")} || ' of batch ' || i, 'Batch ' || i, 'running', at, at, at
     from generate_series(1, ${workflows}) i,
       lateral (select now() - interval '100 days' * (1 - i / ${workflows + 1}.0) as at) t`,
    `insert into tasks (${taskColumns})
     select ${idAt("made", "i")}, ${workflowOf("i", finished, size)}, f.name,
       case when ${chance(50, 11e6)} = 0 then 'failed' when ${chance(100, 12e6)} = 0 then 'cancelled' else 'completed' end, f.priority, ${rank}, f.due_date,
       f.labels, f.required_capabilities, ${finishedKey(`${finished} - i`)}, a.ids[1 + ${chance(agents, 1e7)}],
       case when i > ${finished - runs} then ${idAt("made + interval '1 minute'", "i")} end, 100, true, 1, 60,
       made, made + interval '1 minute', made + interval '2 minutes', made + interval '2 minutes', 3
     from ${lists}, generate_series(1, ${finished}) i,
       lateral (select now() - interval '5 minutes' - interval '100 days' * (1 - i / ${finished}.0) as made, ${taskFacts}) f`,
    `insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at, claimed_at, ended_at, outcome)
     select current_run_id, id, agent_id, 1, current_run_id, completed_at, started_at, completed_at,
       case status when 'completed' then 'succeeded' when 'failed' then 'failed' else 'cancelled' end
     from tasks where current_run_id is not null`,
    `insert into tasks (${taskColumns})
     select ${idAt("made", "i")}, ${workflowOf("i", pending, size)}, f.name, 'pending', f.priority, ${rank}, f.due_date, f.labels,
       f.required_capabilities, ${pendingKey("i")}, null, null, 0, i % 4 > 0, 0, 0, made, null, null, made, 1
     from ${lists}, generate_series(1, ${pending}) i,
       lateral (select now() - interval '10 minutes' - (${pending} - i) * interval '10 milliseconds' as made, ${taskFacts}) f`,
    `with t as (
       insert into tasks (${taskColumns})
       select ${idAt("made", "i")}, ${workflowOf("i", inProgress, size)}, f.name, 'in_progress', f.priority, ${rank}, f.due_date,
         f.labels, f.required_capabilities, ${finishedKey("i")}, a.ids[1 + ${chance(agents, 1e7)}], ${idAt("now()", "i")}, i % 100, true,
         1, 0, made, now(), null, now(), 2
       from ${lists}, generate_series(1, ${inProgress}) i,
         lateral (select now() - i * interval '10 milliseconds' as made, ${taskFacts}) f
       returning *
     )
     insert into task_runs (id, task_id, agent_id, attempt, lease_token, lease_expires_at)
     select current_run_id, id, agent_id, 1, current_run_id, now() + interval '1 hour' from t`,
    `insert into audit_logs (entity_type, entity_id, revision, entity_label, workflow_id, task_id, action, actor_type, actor_id,
       actor_name, changes, created_at)
     select 'task', t.id, c.revision, 'T-' || t.number || ' ' || t.name, t.workflow_id, t.id, c.action, 'agent', t.agent_id,
       'agent', jsonb_build_object('status', jsonb_build_object('before', c.was, 'after', c.became)), c.at
     from tasks t cross join lateral (values (2, 'claimed', 'pending', 'in_progress', t.started_at),
       (3, case t.status when 'completed' then 'completed' when 'failed' then 'failed' else 'cancelled' end,
        'in_progress', t.status, t.completed_at)) c(revision, action, was, became, at)
     where t.current_run_id is not null and c.at is not null order by c.at`,
    `insert into audit_seals (through_seq, rows, hash, created_at)
     select max(seq), count(*), md5(max(seq)::text), max(created_at) + interval '5 seconds' from audit_logs group by seq / 100`,
    `insert into events (type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name, data)
     select 'task_update', 'tasks', id, workflow_id, id, revision, 'agent', agent_id, 'agent', jsonb_build_object('id', id, 'name', name)
     from tasks where current_run_id is not null order by id desc limit 50000`,
    `insert into suggestions (id, workflow_id, task_id, agent_id, run_id, action, confidence, status, task_revision, decided_at,
       decided_by_type, decided_by_name, delivered_at, created_at)
     select r.id, t.workflow_id, t.id, r.agent_id, r.id, 'Publish ' || t.priority, 0.8,
       case when t.status = 'in_progress' then 'pending' when t.number % 3 = 0 then 'rejected' else 'approved' end, 2, t.completed_at,
       case when t.completed_at is not null then 'person' end, 'Ann', t.completed_at, r.claimed_at
     from tasks t join task_runs r on r.id = t.current_run_id where t.number % 20 = 0 or t.status = 'in_progress' and t.number % 3 = 0`,
    `update workflows w set task_counts = c.counts, progress = c.progress,
       status = case when c.open = 0 then 'completed' else 'running' end
     from (
       select workflow_id,
         coalesce(sum(n) filter (where status in ('pending', 'in_progress')), 0) as open,
         jsonb_build_object('pending', 0, 'in_progress', 0, 'completed', 0, 'failed', 0, 'cancelled', 0)
           || jsonb_object_agg(status, n) as counts,
         least(99, 100 * coalesce(sum(n) filter (where status = 'completed'), 0) / sum(n))::int as progress
       from (select workflow_id, status, count(*)::int as n from tasks group by 1, 2) t group by workflow_id
     ) c where c.workflow_id = w.id`,
  ];
}
