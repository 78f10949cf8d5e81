import type { SuggestionStatus } from "../../../db/enums.ts";
import type { SuggestionEffect } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../context.ts";
import { gathererFor, settled } from "../gather.ts";
import type { LeaseState } from "./heartbeat.ts";

/** What people want of an agent. Sent with every heartbeat until it is acknowledged by its id. */
export type Command =
  /** Stop this run: its lease is gone. Its id is the run's, and it needs no acknowledgement. */
  | { id: string; kind: "cancel"; runId: string; reason: string }
  /**
   * Begin nothing new: the agent is paused or drains, or the workflow of this run is paused. What is under way may go on under its
   * lease. Comes with every heartbeat while it holds, and needs no acknowledgement.
   */
  | { id: string; kind: "stop"; runId: string | null; reason: StopReason }
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

export type StopReason = "agent_paused" | "agent_draining" | "workflow_paused";

export interface Commands {
  commands: Command[];
  /** What goes out for the first time. */
  fresh: { comments: { id: string; revision: number }[]; decisions: string[] };
}

/**
 * The commands for an agent whose leases were just looked at: runs to stop, comments on its live tasks, decisions. What
 * it acknowledges with this very call is left out.
 */
export async function commandsFor(ctx: AgentCtx, leases: LeaseState[], acknowledged: string[]): Promise<Commands> {
  const live = leases.filter((lease) => lease.ok).map((lease) => lease.runId);
  const taken = new Set(acknowledged);
  const found = await readWaiting(ctx.db.reserved, { ctx, live });
  const waiting = found.filter(({ kind, id }) => kind === "stop" || !taken.has(id));
  const fresh = waiting.filter((row) => row.kind !== "stop").filter((row) => row.delivered_at === null);
  return {
    commands: [...leases.filter((lease) => !lease.ok).map(cancel), ...waiting.map(commandOf)],
    fresh: {
      comments: fresh.filter(({ kind }) => kind === "comment").map(({ id, revision }) => ({ id, revision })),
      decisions: fresh.filter(({ kind }) => kind === "decision").map(({ id }) => id),
    },
  };
}

const cancel = ({ runId, reason }: LeaseState): Command => ({
  id: runId,
  kind: "cancel",
  runId,
  reason: reason ?? "terminal",
});

function commandOf(row: Waiting): Command {
  if (row.kind === "stop") return { id: row.id, kind: "stop", runId: row.run_id, reason: row.reason };
  const { id, task_id: taskId } = row;
  if (row.kind === "comment")
    return { id, kind: "comment", taskId, author: row.who ?? "", text: row.text ?? "", at: row.at };
  const { status, text: note, effect, who: decidedBy } = row;
  return { id, kind: "decision", taskId, status, note, effect, decidedBy };
}

type Waiting = Unacknowledged | Stop;

interface Stop {
  kind: "stop";
  owner: string;
  id: string;
  run_id: string | null;
  reason: StopReason;
}

/** A comment or a decision that an agent has not acknowledged. */
interface Unacknowledged {
  kind: "comment" | "decision";
  /** The live run on whose task it was said, or the agent that asked. */
  owner: string;
  id: string;
  task_id: string;
  /** The comment's author; who decided. */
  who: string | null;
  /** The comment; the note of the decision. */
  text: string | null;
  at: Date;
  revision: number;
  delivered_at: Date | null;
  status: SuggestionStatus;
  effect: SuggestionEffect | null;
}

const readWaiting = gathererFor(async (requests: { ctx: AgentCtx; live: string[] }[]) => {
  const db = requests[0]?.ctx.db.reserved;
  const params = [requests.flatMap(({ live }) => live), [...new Set(requests.map(({ ctx }) => ctx.actor.id))]];
  const rows = await Promise.all([
    db?.query<Stop>(stopStatement, params),
    db?.query<Unacknowledged>(waitingStatement, params),
  ]);
  const found: Waiting[] = [...(rows[0] ?? []), ...(rows[1] ?? [])];
  return requests.map(({ ctx, live }) => {
    const owners = new Set([...live, ctx.actor.id]);
    return settled(found.filter(({ owner }) => owners.has(owner)));
  });
});

const stopStatement = `
select 'stop' as kind, a.id as owner, a.id, null::uuid as run_id, 'agent_' || a.desired_state as reason
from agents a where a.id = any($2::uuid[]) and a.desired_state in ('paused', 'draining')
union all
select 'stop', r.id, r.id, r.id, 'workflow_paused'
from task_runs r join tasks t on t.id = r.task_id join workflows w on w.id = t.workflow_id
where r.id = any($1::uuid[]) and w.status = 'paused'`;

/** At most so many of one kind for one run or agent: what is left comes when these have been acknowledged. */
const atOnce = 200;

/**
 * A comment is told from what came with the claim by its delivery, not by its own time: its transaction may have begun
 * before the claim and been committed after.
 */
const waitingStatement = `
select 'comment' as kind, r.id as owner, c.* from task_runs r cross join lateral (
  select c.id, c.task_id, c.author_name as who, c.text, coalesce(c.edited_at, c.created_at) as at, c.revision, c.delivered_at,
    null as status, null::jsonb as effect
  from comments c
  where c.task_id = r.task_id and c.seen_at is null and c.deleted_at is null and c.author_id is distinct from r.agent_id
    and (c.delivered_at is null or c.delivered_at >= r.claimed_at)
  order by c.id limit ${atOnce}
) c where r.id = any($1::uuid[])
union all
select 'decision', a.id, s.* from unnest($2::uuid[]) as a(id) cross join lateral (
  select s.id, s.task_id, s.decided_by_name, s.decision_note, s.decided_at, s.revision, s.delivered_at,
    s.status, coalesce(s.effect_edited, s.effect)
  from suggestions s
  where s.agent_id = a.id and s.decided_at is not null and s.seen_at is null
  order by s.id limit ${atOnce}
) s`;
