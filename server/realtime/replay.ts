import type { Connection } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import { eventColumns, type StoredEvent } from "./events.ts";
import type { StreamFilter } from "./log.ts";
import { shared } from "./shared.ts";

/** However many come back at once, the rest of the pool is for others. */
const inFlight = 3;

export interface Page {
  events: StoredEvent[];
  /** Nothing came after these when the page was read. */
  isLast: boolean;
  /** Everything since the place that was asked for is still kept. */
  isKept: boolean;
}

/** With the first event that is kept, in one snapshot: retention may overtake a long replay. */
const pageStatement = `
select f.first, p.* from (select min(seq) as first from events) f
left join lateral (
  select ${eventColumns} from events
  where seq > $1 and (channel in (select json_array_elements_text($3::json)) or $3::json is null)
    and ($4::uuid is null or workflow_id = $4::uuid) and ($5::uuid is null or task_id = $5::uuid)
  order by seq limit $2
) p on true`;

export type ReadPage = (filter: StreamFilter, after: number, limit: number) => Promise<Page>;

/** Reads what was missed, page by page. Those who miss the same share the reading. */
export function pagesOf(db: Connection): ReadPage {
  const ask = shared((key: string) => readPage(db, JSON.parse(key)), inFlight);
  return ({ channels, workflowId, taskId }, after, limit) => {
    const wanted = channels ? JSON.stringify(channels.toSorted()) : null;
    return ask(JSON.stringify([after, limit, wanted, workflowId ?? null, taskId ?? null]));
  };
}

type Question = [
  after: number,
  limit: number,
  channels: string | null,
  workflowId: string | null,
  taskId: string | null,
];

async function readPage(db: Connection, question: Question): Promise<Page> {
  const [after, limit] = question;
  const rows = await db.query<{ first: number | null; seq: number | null }>(pageStatement, question);
  const first = rows[0]?.first ?? null;
  const events = rows.flatMap(({ first: _, ...row }) => (row.seq === null ? [] : [camelCased<StoredEvent>(row)]));
  return { events, isLast: events.length < limit, isKept: first === null || first <= after + 1 };
}
