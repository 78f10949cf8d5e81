/** A place in the queue, in the order of claims. */
export interface QueueKey {
  rank: number;
  /** YYYY-MM-DD, or "infinity" without a due date. */
  due: string;
  number: number;
}

/** Behind every task. */
export const top: QueueKey = { rank: 32_767, due: "infinity", number: 2_147_483_647 };

export function isBelow(a: QueueKey, b: QueueKey): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.due !== b.due) return a.due < b.due;
  return a.number < b.number;
}

export const lower = (a: QueueKey, b: QueueKey): QueueKey => (isBelow(a, b) ? a : b);

/** The queue is as many queues as there are sets of things that tasks need; a place in one of them. */
export interface Place extends QueueKey {
  needs: string[];
}

/** So many name a queue, since an index entry has a limit; tasks that differ only behind that share one. */
const needsAtMost = 16;

export const nameOf = (needs: string[]): string => JSON.stringify(needs.slice(0, needsAtMost));

export const canDo = (capabilities: string[], needs: string[]): boolean =>
  needs.slice(0, needsAtMost).every((one) => capabilities.includes(one));

/** SQL: which queue a task is in, as `idx_tasks_claim` has it. */
export const queueOf = `required_capabilities[1:${needsAtMost}]`;

const dueKey = "coalesce(due_date, 'infinity'::date)";

/** SQL: the order of claims in one queue, as `idx_tasks_claim` has it behind that. */
export const queueOrder = `queue_rank, ${dueKey}, number`;

/** SQL: a task's `Place`. */
export const placeOfTask = `tasks.${queueOf} as needs, tasks.queue_rank as rank, ${dueKey}::text as due, tasks.number`;
