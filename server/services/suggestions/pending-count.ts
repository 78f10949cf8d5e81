import type { Ctx } from "../context.ts";

export interface PendingCount {
  count: number;
  oldestAt: Date | null;
  /** When the first of them expires. */
  nextExpiryAt: Date | null;
}

/** What waits for a person: suggestions that are pending on tasks that are not deleted. */
export async function countPendingSuggestions(ctx: Ctx): Promise<PendingCount> {
  const [row] = await ctx.db.query<PendingCount>(
    `select count(*)::int as count, min(s.created_at) as "oldestAt", min(s.expires_at) as "nextExpiryAt"
     from suggestions s join tasks t on t.id = s.task_id where s.status = 'pending' and t.deleted_at is null`,
  );
  return row ?? { count: 0, oldestAt: null, nextExpiryAt: null };
}
