import type { Connection } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import type { StoredEvent } from "./events.ts";
import type { StreamFilter } from "./log.ts";

const pageSize = 500;

const pageStatement = `
select * from events
where seq > $1 and seq <= $2 and (channel in (select json_array_elements_text($3::json)) or $3::json is null)
  and ($4::uuid is null or workflow_id = $4::uuid) and ($5::uuid is null or task_id = $5::uuid)
order by seq limit ${pageSize}`;

/** Whether everything after this number is still kept. */
export async function isKept(db: Connection, after: number): Promise<boolean> {
  const [row] = await db.query<{ first: number | null }>("select min(seq) as first from events");
  return row?.first == null || row.first <= after + 1;
}

/** The stored events after one number and up to another, page by page; a new page is read when the last one was taken. */
export async function* replay(
  db: Connection,
  filter: StreamFilter,
  { after, through }: { after: number; through: number },
): AsyncGenerator<StoredEvent> {
  const channels = filter.channels ? JSON.stringify(filter.channels) : null;
  for (let last = after; ; ) {
    const params = [last, through, channels, filter.workflowId ?? null, filter.taskId ?? null];
    const rows = await db.query<object & { seq: number }>(pageStatement, params);
    for (const row of rows) yield camelCased<StoredEvent>(row);
    const [final] = rows.slice(-1);
    if (rows.length < pageSize || !final) return;
    last = final.seq;
  }
}
