import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import type { CommentRow } from "../comments/comment-row.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import { mutate, type Recorder } from "../mutate.ts";
import type { RunRow } from "../runs/end-runs.ts";
import { recordSuggestion } from "../suggestions/record-suggestion.ts";
import type { SuggestionRow } from "../suggestions/suggestion-row.ts";

/** What an agent was handed, and what it says that it has taken in. */
export interface Receipt {
  /** Runs that it has just claimed, each with the comments that came with it, as they read then. */
  claimed?: { runId: string; comments: { id: string; text: string }[] }[];
  /** Ended runs that it was told to stop. */
  stopped?: string[];
  /** Comments in the wording of this revision. */
  comments?: { id: string; revision: number }[];
  decisions?: string[];
  /** Comments and decisions. Ids that are neither, or not this agent's to take in, are passed over. */
  seen?: string[];
}

/**
 * Notes what was delivered and seen, after the answer and without anybody waiting for it: a heartbeat must not depend on
 * it, and what is not noted is only delivered once more.
 */
export function noteReceipt(ctx: AgentCtx, receipt: Receipt): void {
  if (Object.values(receipt).every((list) => list.length === 0)) return;
  ctx.background.run(`receipt ${Bun.randomUUIDv7()}`, () => write(ctx.db, { ctx, receipt }));
}

interface Request {
  ctx: AgentCtx;
  receipt: Receipt;
}

const write = gathererFor(async (requests: Request[]) => {
  const [first] = requests;
  if (!first) return [];
  await mutate(first.ctx, async (tx, record) => {
    record.nothing();
    const by = new Map(requests.map(({ ctx }) => [ctx.actor.id, ctx]));
    await stopped(tx, record, requests, by);
    await decided(tx, record, requests, by);
    await said(tx, record, requests, by);
  });
  return requests.map(() => settled(undefined));
});

type Agents = Map<string, AgentCtx>;

/** What each agent has acknowledged, as a JSON parameter. */
const seenBy = (requests: Request[]) =>
  JSON.stringify(
    requests.flatMap(({ ctx, receipt }) => (receipt.seen ?? []).map((id) => ({ id, agent_id: ctx.actor.id }))),
  );

async function stopped(tx: Connection, record: Recorder, requests: Request[], by: Agents): Promise<void> {
  const ids = requests.flatMap(({ receipt }) => receipt.stopped ?? []);
  if (ids.length === 0) return;
  const rows = await tx.query<object>(
    `update task_runs r set stop_delivered_at = now(), revision = r.revision + 1 from tasks t
     where r.id in (
       select id from task_runs where id = any($1::uuid[]) and stop_delivered_at is null
       order by id for no key update skip locked
     ) and t.id = r.task_id
     returning r.id, r.task_id, r.agent_id, r.outcome, r.stop_delivered_at, r.revision, t.workflow_id`,
    [ids],
  );
  for (const run of rows.map((row) => camelCased<RunRow & { workflowId: string }>(row))) {
    const { id, taskId, workflowId, outcome, stopDeliveredAt, revision } = run;
    record({
      event: "run_update",
      entity: "run",
      action: false,
      id,
      revision,
      before: null,
      after: null,
      data: { id, taskId, outcome, stopDeliveredAt },
      workflowId,
      taskId,
      by: by.get(run.agentId),
    });
  }
}

async function decided(tx: Connection, record: Recorder, requests: Request[], by: Agents): Promise<void> {
  const delivered = requests.flatMap(({ receipt }) => receipt.decisions ?? []);
  const isSeen = requests.some(({ receipt }) => receipt.seen?.length);
  if (delivered.length === 0 && !isSeen) return;
  const rows = await tx.query<object>(
    `with seen as (
       select s.id from suggestions s join json_to_recordset($2::json) as a(id uuid, agent_id uuid)
         on a.id = s.id and a.agent_id = s.agent_id
       where s.decided_at is not null and s.seen_at is null
     ), held as (
       select id from suggestions
       where id in (select id from seen) or id = any($1::uuid[]) and delivered_at is null
       order by id for no key update skip locked
     )
     update suggestions s set delivered_at = coalesce(s.delivered_at, now()),
       seen_at = case when s.id in (select id from seen) then now() else s.seen_at end,
       updated_at = now(), revision = s.revision + 1
     from held h where s.id = h.id
     returning s.*`,
    [delivered, seenBy(requests)],
  );
  for (const suggestion of rows.map((row) => camelCased<SuggestionRow>(row))) {
    recordSuggestion(record, { suggestion, before: null, action: false, by: by.get(suggestion.agentId) });
  }
}

async function said(tx: Connection, record: Recorder, requests: Request[], by: Agents): Promise<void> {
  const claimed = requests.flatMap(({ receipt }) => (receipt.claimed ?? []).flatMap(handedWith));
  const delivered = requests.flatMap(({ receipt }) => receipt.comments ?? []);
  const isSeen = requests.some(({ receipt }) => receipt.seen?.length);
  if (claimed.length + delivered.length === 0 && !isSeen) return;
  const rows = await tx.query<object>(saidStatement, [
    JSON.stringify(claimed),
    JSON.stringify(delivered),
    seenBy(requests),
  ]);
  for (const row of rows) {
    const { placeId, agentId, ...comment } = camelCased<CommentRow & { placeId: string; agentId: string }>(row);
    record({
      event: "comment_update",
      entity: "comment",
      action: false,
      id: comment.id,
      revision: comment.revision,
      before: null,
      after: comment,
      workflowId: placeId,
      taskId: comment.taskId,
      by: by.get(agentId),
    });
  }
}

const handedWith = ({ runId, comments }: NonNullable<Receipt["claimed"]>[number]) =>
  comments.map(({ id, text }) => ({ id, text, run_id: runId }));

/**
 * A comment is delivered in one wording: one that was edited in between is not, and to acknowledge what is not delivered
 * counts for nothing, so the new wording goes out. What came with a claim was delivered just before it, so that the run's
 * heartbeats do not bring it again.
 */
const saidStatement = `
with handed as (
  select c.id, r.claimed_at - interval '1 millisecond' as at
  from json_to_recordset($1::json) as h(id uuid, text text, run_id uuid)
  join comments c on c.id = h.id join task_runs r on r.id = h.run_id and r.task_id = c.task_id
  where c.text = h.text and c.delivered_at is null
  union all
  select c.id, now() from comments c join json_to_recordset($2::json) as d(id uuid, revision int) on d.id = c.id
  where c.revision = d.revision and c.delivered_at is null
), seen as (
  select c.id from comments c join tasks t on t.id = c.task_id
  join json_to_recordset($3::json) as a(id uuid, agent_id uuid) on a.id = c.id and a.agent_id = t.agent_id
  where c.seen_at is null and (c.delivered_at is not null or c.id in (select id from handed))
), held as (
  select c.id, t.workflow_id as place_id, t.agent_id from comments c join tasks t on t.id = c.task_id
  where (c.id in (select id from handed) or c.id in (select id from seen))
    and c.deleted_at is null and c.author_id is distinct from t.agent_id
  order by c.id for no key update of c skip locked
)
update comments c set revision = c.revision + 1,
  delivered_at = coalesce(c.delivered_at, (select max(at) from handed where handed.id = c.id)),
  seen_at = case when c.id in (select id from seen) then now() else c.seen_at end
from held h where c.id = h.id
returning c.*, h.place_id, h.agent_id`;
