import type { Connection } from "../../../db/client.ts";
import type { RunOutcome, TaskStatus } from "../../../db/enums.ts";
import { gathererFor, refused, settled } from "../gather.ts";

/** What an agent should know before it starts. */
export interface ClaimContext {
  /** What the task depended on, with its results and the artifacts of the run that completed it. */
  dependencies: {
    id: string;
    number: number;
    name: string;
    status: TaskStatus;
    result: unknown;
    summary: string | null;
    artifacts: { id: string; name: string; mime: string; size: number; url: string | null }[];
  }[];
  /** Earlier attempts, newest first. */
  attempts: { runId: string; attempt: number; outcome: RunOutcome; error: string | null }[];
  comments: { id: string; author: string; text: string; at: string }[];
  /** What people have turned down on this task, and why. */
  rejections: { suggestionId: string; action: string; reason: string | null }[];
}

/** Of a task that nothing went before, as `hasContext` finds out. */
export const emptyContext = (): ClaimContext => ({ dependencies: [], attempts: [], comments: [], rejections: [] });

/** SQL: whether anything went before a task, so that most claims need not ask. One look into an index each, never a scan. */
export const hasContext = (task: string) => `coalesce(
  (select true from task_dependencies d where d.task_id = ${task}.id limit 1),
  (select true from task_runs r where r.task_id = ${task}.id limit 1),
  (select true from comments c where c.task_id = ${task}.id limit 1),
  (select true from suggestions s where s.task_id = ${task}.id limit 1),
  false)`;

/** The context of a freshly claimed task; those asked for at the same time come with one statement. */
export const claimContext = gathererFor(async (requests: { db: Connection; taskId: string }[]) => {
  const db = requests[0]?.db;
  const rows = await db?.query<ClaimContext & { id: string }>(contextStatement, [requests.map((one) => one.taskId)]);
  const contexts = new Map(rows?.map(({ id, ...context }) => [id, context]));
  return requests.map(({ taskId }) => {
    const context = contexts.get(taskId);
    return context ? settled(context) : refused(new Error("A context was left out"));
  });
});

const list = (select: string) => `coalesce((select json_agg(x) from (${select}) x), '[]'::json)`;

const contextStatement = `
select t.id,
  ${list(`
    select p.id, p.number, p.name, p.status, p.result, p.summary,
      ${list("select a.id, a.name, a.mime, a.size, a.url from artifacts a where a.run_id = p.current_run_id and not a.late order by a.id")} as artifacts
    from task_dependencies d join tasks p on p.id = d.depends_on_id where d.task_id = t.id order by p.number`)} as dependencies,
  ${list(`
    select r.id as "runId", r.attempt, r.outcome, r.error from task_runs r
    where r.task_id = t.id and r.ended_at is not null order by r.claimed_at desc limit 20`)} as attempts,
  ${list(`
    select * from (
      select c.id, c.author_name as author, c.text, c.created_at as at from comments c
      where c.task_id = t.id and c.deleted_at is null order by c.id desc limit 100
    ) newest order by id`)} as comments,
  ${list(`
    select s.id as "suggestionId", s.action, s.decision_note as reason from suggestions s
    where s.task_id = t.id and s.status = 'rejected' order by s.id desc limit 50`)} as rejections
from unnest($1::uuid[]) as t(id)`;
