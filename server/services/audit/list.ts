import { z } from "zod";
import { entityTypes } from "../../../db/enums.ts";
import { camelCased } from "../../../db/rows.ts";
import type { auditLogs } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { id, optional, page } from "../inputs.ts";
import { decodeCursor, type Page, pageOf } from "../paging.ts";
import { Where } from "../where.ts";

export type AuditRow = typeof auditLogs.$inferSelect;

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true }), z.iso.date(), z.date()], {
    error: "Give a day as YYYY-MM-DD, or a time as 2026-01-31T09:00:00Z.",
  })
  .transform((at) => (at instanceof Date ? at : new Date(at)));

export const listAuditInput = z
  .object({
    entityType: optional(z.enum(entityTypes, { error: `Choose one of ${entityTypes.join(", ")}.` })),
    entityId: optional(id),
    actorId: optional(id),
    action: optional(z.string().trim().toLowerCase().max(63)),
    /** From this moment on. */
    from: optional(moment),
    /** Before this moment; a day alone counts whole. */
    to: optional(z.union([z.iso.date().transform((day) => new Date(Date.parse(day) + 86_400_000)), moment])),
    taskId: optional(id),
    workflowId: optional(id),
    ...page,
  })
  .prefault({});

/** The audit log, newest first. */
export async function listAudit(ctx: Ctx, input: z.output<typeof listAuditInput>): Promise<Page<AuditRow>> {
  const where = new Where()
    .on(input.entityType, "entity_type = $")
    .on(input.entityId, "entity_id = $")
    .on(input.actorId, "actor_id = $")
    .on(input.action, "action = $")
    // What is about the task itself has it as its entity; the rest names it.
    .on(input.taskId, "(entity_type = 'task' and entity_id = $ or entity_type <> 'task' and task_id = $)")
    .on(input.workflowId, "workflow_id = $");
  addSpan(where, input);
  if (input.cursor) where.add(`seq < ${where.param(decodeCursor(input.cursor, 1)[0])}::bigint`);
  const rows = await ctx.db.queryAnew<object>(
    `select * from audit_logs where ${where.sql} order by seq desc limit ${input.limit + 1}`,
    where.params,
  );
  return pageOf(
    rows.map((row) => camelCased<AuditRow>(row)),
    input.limit,
    {
      toItem: (row) => row,
      placeOf: (row) => [row.seq],
    },
  );
}

/**
 * The time, and the numbers between which its rows must be: a row is sealed after it was written, and a transaction that
 * began before a moment has ended an hour later. The seals are few, so they are the log's index by time.
 */
function addSpan(where: Where, { from, to }: Pick<z.output<typeof listAuditInput>, "from" | "to">): void {
  where.on(
    from,
    `created_at >= $ and seq > coalesce((
       select through_seq from audit_seals where created_at < $ order by created_at desc limit 1), 0)`,
  );
  where.on(
    to,
    `created_at < $ and seq <= coalesce((
       select through_seq from audit_seals where created_at > $::timestamptz + interval '1 hour' order by created_at limit 1),
       (select max(seq) from audit_logs))`,
  );
}
