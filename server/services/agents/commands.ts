import type { SuggestionStatus } from "../../../db/enums.ts";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../context.ts";
import type { LeaseState } from "./heartbeat.ts";

/** What people want of an agent. Sent with every heartbeat until it is acknowledged by its id. */
export type Command =
  /** Stop this run: its lease is gone. Its id is the run's, and it needs no acknowledgement. */
  | { id: string; kind: "cancel"; runId: string; reason: string }
  | { id: string; kind: "comment"; taskId: string; author: string; text: string; at: Date }
  | {
      id: string;
      kind: "decision";
      taskId: string;
      status: SuggestionStatus;
      note: string | null;
      effect: SuggestionEffect | null;
      decidedBy: string | null;
    };

/** The commands for an agent whose leases were just looked at: comments on its live tasks, decisions it has not taken in. */
export async function commandsFor(ctx: AgentCtx, leases: LeaseState[]): Promise<Command[]> {
  const cancels = leases
    .filter((lease) => !lease.ok)
    .map(
      (lease): Command => ({ id: lease.runId, kind: "cancel", runId: lease.runId, reason: lease.reason ?? "terminal" }),
    );
  const live = leases.filter((lease) => lease.ok).map((lease) => lease.runId);
  const [comments, decisions] = await Promise.all([
    live.length === 0
      ? []
      : ctx.db.query<Extract<Command, { kind: "comment" }>>(
          `select c.id, 'comment' as kind, c.task_id as "taskId", c.author_name as author, c.text, c.created_at as at
           from task_runs r join comments c on c.task_id = r.task_id
           where r.id = any($1::uuid[]) and c.created_at >= r.claimed_at and c.seen_at is null and c.deleted_at is null
             and c.author_id is distinct from $2
           order by c.id limit 200`,
          [live, ctx.actor.id],
        ),
    ctx.db.query<Extract<Command, { kind: "decision" }>>(
      `select id, 'decision' as kind, task_id as "taskId", status, decision_note as note,
         coalesce(effect_edited, effect) as effect, decided_by_name as "decidedBy"
       from suggestions
       where agent_id = $1 and decided_at is not null and delivered_at is null order by id limit 200`,
      [ctx.actor.id],
    ),
  ]);
  return [...cancels, ...comments, ...decisions];
}

/** Marks comments as seen and decisions as delivered. Ids that are neither, or another agent's, are passed over. */
export async function acknowledge(ctx: AgentCtx, ids: string[]): Promise<void> {
  await ctx.db.query(
    `with seen as (
       update comments c set seen_at = now()
       from tasks t where c.id = any($1::uuid[]) and t.id = c.task_id and t.agent_id = $2 and c.seen_at is null
     )
     update suggestions set delivered_at = now() where id = any($1::uuid[]) and agent_id = $2 and delivered_at is null`,
    [ids, ctx.actor.id],
  );
}
