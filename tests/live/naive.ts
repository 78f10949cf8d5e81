import type { Database } from "../../db/client.ts";
import { writeEvent } from "../../server/realtime/testing.ts";
import { until } from "../support/until.ts";

/** Reads the log as one would at first: whatever has a higher number than the last one read. */
export class NaiveReader {
  readonly seqs = new Set<number>();
  last = 0;

  constructor(readonly db: Database) {}

  async read(): Promise<void> {
    const rows = await this.db.query<{ seq: number }>("select seq from events where seq > $1 order by seq", [
      this.last,
    ]);
    for (const { seq } of rows) this.seqs.add(seq);
    this.last = rows.at(-1)?.seq ?? this.last;
    await Bun.sleep(20);
  }
}

/** Takes a number, and commits only when this reader has gone past it; others have to write meanwhile. */
export const commitBehind = (reader: NaiveReader): Promise<number> =>
  reader.db.transaction(async (tx) => {
    const { seq } = await writeEvent(tx);
    await until("the naive reader has gone past an open transaction", () => reader.last > seq);
    return seq;
  });
