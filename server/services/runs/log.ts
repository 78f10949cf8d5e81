import { z } from "zod";
import { logLevels } from "../../../db/enums.ts";
import type { AgentCtx, Ctx } from "../context.ts";
import { Invalid } from "../errors.ts";
import { id, page } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import { lease, lockLiveRun } from "./fencing.ts";

/** Lines that one run may keep; the last one says that more were left out. */
const maxLines = 10_000;

export const logInput = z.strictObject({
  ...lease,
  /** How many lines of this run were handed in before these, so that a repeat adds only what is new. */
  offset: z.number().int().nonnegative().optional(),
  entries: z
    .array(
      z.strictObject({
        level: z.enum(logLevels).default("info"),
        text: z.string().max(8_000, "Keep a log line to 8,000 characters."),
        at: z.coerce.date().optional(),
      }),
    )
    .min(1)
    .max(500, "Send at most 500 lines a call."),
});

export interface LogLine {
  seq: number;
  level: (typeof logLevels)[number];
  text: string;
  at: Date;
}

/**
 * Appends lines to the run's log, in the order given. Times are the agent's own word; the order is the server's. With
 * `offset` a repeat, or one that overlaps with what came before, keeps each line once: the count of lines that the run
 * has anyway is looked at under its lock, so that this costs no row of its own. `kept` counts the lines given here
 * that the log now has.
 */
export async function appendLog(ctx: AgentCtx, input: z.output<typeof logInput>): Promise<{ kept: number }> {
  return mutate(ctx, async (tx, record) => {
    const run = await lockLiveRun(tx, ctx, input);
    const known = knownOf(run.logCount, input);
    const given = input.entries.slice(known);
    const room = Math.max(0, maxLines - run.logCount);
    const entries: z.output<typeof logInput>["entries"] = given.slice(0, room);
    if (entries.length === 0) {
      record.nothing();
      return { kept: known };
    }
    if (entries.length < given.length || entries.length === room) {
      entries[entries.length - 1] = {
        level: "warn",
        text: `The log is full at ${maxLines} lines; what follows was left out.`,
      };
    }
    const rows = await tx.query<LogLine & { revision: number }>(
      `with counted as (
         update task_runs set log_count = log_count + $3, revision = revision + 1 where id = $1 returning revision
       )
       insert into run_logs (run_id, seq, level, text, at)
       select $1, c.seq, c.level, c.text, coalesce(c.at, now())
       from json_to_recordset($2::json) as c(seq int, level text, text text, at timestamptz)
       order by c.seq
       returning seq, level, text, at, (select revision from counted)`,
      [run.id, JSON.stringify(entries.map((entry, i) => ({ ...entry, seq: run.logCount + i + 1 }))), entries.length],
    );
    const lines: LogLine[] = rows.map(({ revision: _, ...line }) => line);
    const [task] = await tx.query<{ workflow_id: string }>("select workflow_id from tasks where id = $1", [run.taskId]);
    record({
      event: "run_log",
      entity: "run",
      action: false,
      id: run.id,
      revision: rows[0]?.revision ?? run.revision,
      before: null,
      after: null,
      data: { runId: run.id, taskId: run.taskId, lines },
      workflowId: task?.workflow_id,
      taskId: run.taskId,
    });
    return { kept: known + lines.length };
  });
}

/** How many of the given lines the log has already. */
function knownOf(count: number, { offset = count, entries }: z.output<typeof logInput>): number {
  if (offset > count && count < maxLines) {
    throw new Invalid({ offset: [`The log of this run has ${count} lines. Hand in those from there on.`] });
  }
  return Math.min(entries.length, Math.max(0, count - offset));
}

export const logsInput = z.strictObject({ runId: id, ...page });

/** A run's log in order, by pages. */
export async function runLogs(
  ctx: Ctx,
  { runId, cursor, limit }: z.output<typeof logsInput>,
): Promise<{ items: LogLine[]; nextCursor: string | null }> {
  const after = Number(cursor ?? 0);
  const items = await ctx.db.query<LogLine>(
    "select seq, level, text, at from run_logs where run_id = $1 and seq > $2 order by seq limit $3",
    [runId, Number.isInteger(after) ? after : 0, limit],
  );
  const last = items.at(-1);
  return { items, nextCursor: items.length === limit && last ? String(last.seq) : null };
}
