import type { Connection } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import { epochOf } from "./epoch.ts";
import { eventColumns, type StoredEvent } from "./events.ts";
import type { Range } from "./gaps.ts";
import { pagesOf, type ReadPage } from "./replay.ts";

/** What one look finds at most. */
const lookSize = 1000;
/**
 * How many numbers back a new reader looks for transactions that were running when it began. None holds a number for
 * so long: the log keeps as many events by default.
 */
const startWindow = 1_000_000;

/** What the reader and its followers ask of the table of events. */
export interface EventTable {
  /** The last number, and those below it that no row has. */
  begin(): Promise<{ high: number; gaps: Range[] }>;
  look(after: number, gaps: Range[]): Promise<Look>;
  /** A transaction id that nobody has had. */
  freshXid(): Promise<bigint>;
  page: ReadPage;
  epoch(): Promise<string>;
}

/** One snapshot. */
export interface Look {
  /** Which table this was. */
  table: string;
  /** The first and the last number of all that are kept. */
  first: number;
  last: number;
  oldestRunning: bigint;
  /** The lowest of the events in the gaps and after the number that was asked for, in order. */
  events: StoredEvent[];
  /** There may be more of them. */
  isFull: boolean;
}

const beginStatement = `
with last as (select coalesce(max(seq), 0) as high from events),
seen as (
  select e.seq, lag(e.seq, 1, greatest(0, last.high - ${startWindow})) over (order by e.seq) as before
  from events e, last where e.seq > last.high - ${startWindow}
)
select last.high, coalesce((
  select json_agg(json_build_object('low', before + 1, 'high', seq - 1) order by seq) from seen where before < seq - 1
), '[]') as gaps from last`;

const lookStatement = `
select s.*, e.* from (
  select pg_snapshot_xmin(pg_current_snapshot())::text as oldest_running, 'events'::regclass::oid::text as table_id,
    (select coalesce(min(seq), 0) from events) as first, (select coalesce(max(seq), 0) from events) as last
) s
left join lateral (
  (select ${eventColumns} from events where seq > $1 order by seq limit ${lookSize})
  union all
  (select f.* from json_to_recordset($2::json) as r(low bigint, high bigint) cross join lateral (
    select ${eventColumns} from events where seq between r.low and r.high order by seq limit ${lookSize}
  ) f)
  order by seq limit ${lookSize}
) e on true`;

interface LookRow {
  oldest_running: string;
  table_id: string;
  first: number;
  last: number;
  seq: number | null;
}

export function eventTable(db: Connection): EventTable {
  return {
    async begin() {
      const [first] = await db.query<{ high: number; gaps: Range[] }>(beginStatement);
      return first ?? { high: 0, gaps: [] };
    },
    async look(after, gaps) {
      const rows = await db.query<LookRow>(lookStatement, [after, JSON.stringify(gaps)]);
      const [first] = rows;
      if (!first) throw new Error("A left join answers with one row at least");
      const events = rows.flatMap(({ oldest_running: _, table_id: __, first: ___, last: ____, ...row }) =>
        row.seq === null ? [] : [camelCased<StoredEvent>(row)],
      );
      return {
        oldestRunning: BigInt(first.oldest_running),
        table: first.table_id,
        first: first.first,
        last: first.last,
        events,
        isFull: events.length === lookSize,
      };
    },
    async freshXid() {
      const [now] = await db.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
      if (!now) throw new Error("A select without FROM answers with one row");
      return BigInt(now.xid);
    },
    page: pagesOf(db),
    epoch: () => epochOf(db),
  };
}
