import { z } from "zod";
import { agentStatuses, desiredStates } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { Ctx } from "../context.ts";
import { flag, optional, page, search } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { containing, Where } from "../where.ts";
import type { AgentRow } from "./agent-row.ts";
import { derivedStatus } from "./status.ts";

export const listAgentsInput = z
  .object({
    status: optional(z.enum(agentStatuses, { error: "Choose online, busy or offline." })),
    desiredState: optional(z.enum(desiredStates, { error: "Choose active, draining or paused." })),
    capability: optional(z.string().trim().toLowerCase().max(63)),
    search: optional(search),
    /** The archived ones instead of those that may work. */
    archived: flag,
    ...page,
  })
  .prefault({});

/** An agent with what it does now. `status` is derived as it is read, so it is never older than the page. */
export interface AgentListItem extends AgentRow {
  /** Runs under a lease at this moment. */
  liveRuns: number;
  /** The tasks of those runs, the first five. */
  liveTasks: { id: string; number: number; name: string }[];
  /** Of the last 30 days' decided suggestions that stated a confidence; null without any. */
  calibration: {
    n: number;
    /** Mean stated confidence, 0 to 1. */
    stated: number;
    /** Approved ÷ (approved + rejected + changes requested), 0 to 1. */
    approved: number;
  } | null;
}

/** Agents by name. */
export async function listAgents(ctx: Ctx, input: z.output<typeof listAgentsInput>): Promise<Page<AgentListItem>> {
  const where = new Where()
    .add(`a.archived_at is ${input.archived ? "not null" : "null"}`)
    .on(input.desiredState, "a.desired_state = $")
    .on(input.capability, "$ = any(a.capabilities)");
  if (input.search) where.on(containing(input.search), "(a.name ilike $ or a.description ilike $)");
  if (input.cursor) {
    const [name, id] = decodeCursor(input.cursor, 2);
    where.add(`(lower(a.name), a.id) > (lower(${where.param(String(name))}::text), ${where.param(id)}::uuid)`);
  }
  const rows = await readAgents(ctx, where, { status: input.status, limit: input.limit + 1 });
  return pageOf(rows, input.limit, { toItem: (row) => row, placeOf: (row) => [row.name, row.id] });
}

/** The agents of a condition on `a` with what they do now, by name. */
export async function readAgents(
  ctx: Ctx,
  where: Where,
  { status, limit }: { status?: AgentRow["status"] | undefined; limit: number },
): Promise<AgentListItem[]> {
  const derived = derivedStatus(where.param(ctx.config.agentOfflineSeconds), "live.n");
  if (status) where.add(`${derived} = ${where.param(status)}`);
  const rows = await ctx.db.query<object>(
    `select a.*, ${derived} as status, live.n as live_runs, live.tasks as live_tasks,
       case when said.n > 0 then json_build_object('n', said.n, 'stated', said.stated, 'approved', said.approved) end
         as calibration
     from agents a
     cross join lateral (
       select count(*)::int as n, coalesce(json_agg(json_build_object('id', t.id, 'number', t.number, 'name', t.name)
         order by r.claimed_at), '[]'::json) as tasks
       from task_runs r join tasks t on t.id = r.task_id where r.agent_id = a.id and r.ended_at is null
     ) live
     cross join lateral (
       select count(*)::int as n, avg(s.confidence) as stated,
         avg(case when s.status = 'approved' then 1.0 else 0.0 end)::double precision as approved
       from suggestions s
       where s.agent_id = a.id and s.confidence is not null and s.decided_at > now() - interval '30 days'
         and s.decided_by_type = 'person' and s.status in ('approved', 'rejected', 'changes_requested')
     ) said
     where ${where.sql} order by lower(a.name), a.id limit ${limit}`,
    where.params,
  );
  return rows.map(toListItem);
}

const shownTasks = 5;

function toListItem(row: object): AgentListItem {
  const item = camelCased<AgentListItem>(row);
  return { ...item, liveTasks: item.liveTasks.slice(0, shownTasks) };
}
