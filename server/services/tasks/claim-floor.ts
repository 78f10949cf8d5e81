import type { Connection } from "../../../db/client.ts";

/** A place in the queue, in the order of claims. */
export interface QueueKey {
  rank: number;
  /** YYYY-MM-DD, or "infinity" without a due date. */
  due: string;
  number: number;
}

export const bottom: QueueKey = { rank: -32_768, due: "-infinity", number: 0 };
/** Behind every task. */
export const top: QueueKey = { rank: 32_767, due: "infinity", number: 2_147_483_647 };

const dueKey = "coalesce(due_date, 'infinity'::date)";

/** SQL: the order of claims, as `idx_tasks_claim` has it. */
export const queueOrder = `queue_rank, ${dueKey}, number`;

/** SQL: a task's `QueueKey`. */
export const keyOfTask = `tasks.queue_rank as rank, ${dueKey}::text as due, tasks.number`;

/** SQL: from this place of the queue up to that one; six parameters from number `first` on. */
export const inRange = (first: number) =>
  `(${queueOrder}) >= (${keyFrom(first)}) and (${queueOrder}) < (${keyFrom(first + 3)})`;

const keyFrom = (first: number) => `$${first}::smallint, $${first + 1}::date, $${first + 2}::int`;

const raiseAfterMs = 100;
const forgetAfterMs = 1000;

interface Floor {
  key: QueueKey;
  /** What the look under way may raise it to at most. */
  ceiling: QueueKey;
  raisedAt: number;
  /** When the queue was last looked through from its beginning. */
  since: number;
}

/**
 * Below which place of the queue nothing waits, for each kind of agent. Whoever holds a snapshot open (a report, a dump)
 * keeps Postgres from clearing away what was claimed, and every claim would walk over all of it; so claims begin at the
 * floor. It is a hint: a task that comes to lie below takes it down, and after a second it is forgotten, so that nothing
 * hides behind a message that was lost. A claim that does not wait for news and finds too little from the floor on looks at the
 * whole queue: a task that another instance has just made is there.
 */
export class ClaimFloors {
  #floors = new Map<string, Floor>();

  /** Where claims of this kind may begin. */
  of(kind: string): QueueKey {
    const floor = this.#floors.get(kind);
    return floor && performance.now() - floor.since < forgetAfterMs ? floor.key : bottom;
  }

  /** A task may be claimed at this place. */
  include(key: QueueKey): void {
    for (const floor of this.#floors.values()) {
      floor.key = lower(floor.key, key);
      floor.ceiling = lower(floor.ceiling, key);
    }
  }

  /** Looks, every now and then, where the first task lies that such an agent could do, whether or not it is free. */
  async raise(tx: Connection, kind: string, matching: { where: string; params: unknown[] }): Promise<void> {
    const now = performance.now();
    const floor = this.#floors.get(kind) ?? { key: bottom, ceiling: top, raisedAt: -raiseAfterMs, since: now };
    if (now - floor.raisedAt < raiseAfterMs) return;
    const from = this.of(kind);
    Object.assign(floor, { ceiling: top, raisedAt: now, ...(from === bottom && { since: now }) });
    if (this.#floors.size >= kindsAtMost) this.#floors.clear();
    this.#floors.set(kind, floor);
    const [first] = await tx.query<QueueKey>(
      `select ${keyOfTask} from tasks
       where ${matching.where} and (${queueOrder}) >= (${keyFrom(matching.params.length + 1)})
       order by ${queueOrder} limit 1`,
      [...matching.params, from.rank, from.due, from.number],
    );
    floor.key = lower(first ?? top, floor.ceiling);
  }
}

const kindsAtMost = 1000;

function lower(a: QueueKey, b: QueueKey): QueueKey {
  if (a.rank !== b.rank) return a.rank < b.rank ? a : b;
  if (a.due !== b.due) return a.due < b.due ? a : b;
  return a.number < b.number ? a : b;
}
