import type { Connection } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import { eventColumns, type StoredEvent } from "./events.ts";
import { Gaps } from "./gaps.ts";

const pageSize = 1000;
/** How far back a new reader looks for transactions that were running when it began. */
const startWindow = 10_000;

/** The gaps' rows and the next page of new ones, with the snapshot's oldest running transaction, in one snapshot. */
const lookStatement = `
select s.oldest_running, e.* from (select pg_snapshot_xmin(pg_current_snapshot())::text as oldest_running) s
left join lateral (
  (select ${eventColumns} from events where seq > $1 order by seq limit ${pageSize})
  union all
  (select ${eventColumns} from events where seq in (select value::bigint from json_array_elements_text($2::json)))
  order by seq
) e on true`;

const startStatement = `
with last as (select coalesce(max(seq), 0) as high, coalesce(min(seq), 1) as low from events)
select last.high, coalesce((
  select json_agg(n order by n) from generate_series(greatest(last.low, last.high - ${startWindow}), last.high) n
  where not exists (select from events where seq = n)
), '[]') as missing from last`;

/**
 * Reads the event log in order, each committed event once, late commits included. `deliver` gets the event and the
 * low-water mark after it. Per entity the order is that of the commits: an event comes straight from the bus only when
 * it is the very next and nothing below it is open; otherwise the table says what came first.
 */
export class Reader {
  readonly gaps = new Gaps();
  #held = new Map<number, StoredEvent>();

  private constructor(
    readonly db: Connection,
    readonly deliver: (event: StoredEvent, lowWater: number) => void,
  ) {}

  static async start(db: Connection, deliver: (event: StoredEvent, lowWater: number) => void): Promise<Reader> {
    const reader = new Reader(db, deliver);
    const [first] = await db.query<{ high: number; missing: number[] }>(startStatement);
    reader.gaps.high = first?.high ?? 0;
    for (const seq of first?.missing ?? []) reader.gaps.open(seq);
    await reader.#bindGaps();
    // Most gaps are old roll-backs, and this look says so.
    await reader.look();
    return reader;
  }

  /** Takes what the bus brought; true when the table has to be asked for the rest. */
  offer(events: StoredEvent[]): boolean {
    for (const event of events) {
      if (event.seq > this.gaps.high) this.#held.set(event.seq, event);
    }
    for (;;) {
      const next = this.gaps.size === 0 ? this.#held.get(this.gaps.high + 1) : undefined;
      if (!next) break;
      this.#see(next);
    }
    const isIncomplete = this.#held.size > 0 || this.gaps.size > 0;
    if (this.#held.size > pageSize) this.#held.clear();
    return isIncomplete;
  }

  /** Asks the table once; true when there is more to read at once. */
  async look(): Promise<boolean> {
    const asked = this.gaps.numbers();
    const rows = await this.db.query<{ oldest_running: string; seq: number | null }>(lookStatement, [
      this.gaps.high,
      JSON.stringify(asked),
    ]);
    for (const { oldest_running: _, ...row } of rows) {
      if (row.seq !== null) this.#see(camelCased<StoredEvent>(row));
    }
    this.gaps.bury(asked, BigInt(rows[0]?.oldest_running ?? 0));
    await this.#bindGaps();
    for (const seq of this.#held.keys()) if (seq <= this.gaps.high) this.#held.delete(seq);
    return rows.length >= pageSize;
  }

  #see(event: StoredEvent): void {
    this.#held.delete(event.seq);
    if (this.gaps.see(event.seq)) this.deliver(event, this.gaps.lowWater);
  }

  async #bindGaps(): Promise<void> {
    if (!this.gaps.hasUnbounded()) return;
    const [now] = await this.db.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
    if (now) this.gaps.bind(BigInt(now.xid));
  }
}
