/** An entity as one event, or one read, shows it; a deletion has no data. */
export interface Shown {
  entityId: string;
  revision: number;
  data: unknown;
}

/** What a client holds that folds events into rows: the newer revision wins, and a deletion takes the row away. */
export class Rows {
  #held = new Map<string, { revision: number; data: unknown }>();

  take({ entityId, revision, data }: Shown): void {
    const held = this.#held.get(entityId);
    if (!held || revision > held.revision) this.#held.set(entityId, { revision, data: plain(data) });
  }

  /** Forgets the rows. What was deleted stays so: a read may have begun before the deletion. */
  startAnew(): void {
    for (const [id, { data }] of this.#held) if (data !== undefined) this.#held.delete(id);
  }

  get(id: string): unknown {
    return this.#held.get(id)?.data;
  }

  /** Of the rows that are there. */
  ids(): string[] {
    return [...this.#held].flatMap(([id, { data }]) => (data === undefined ? [] : [id]));
  }
}

/** Where these rows are not what they should be; undefined is no row. */
export function differences(rows: Rows, expected: Map<string, unknown>): string[] {
  return [...expected].flatMap(([id, row]) => {
    const held = rows.get(id);
    return Bun.deepEquals(held, plain(row), true)
      ? []
      : [`${id} is held as ${JSON.stringify(held)} instead of ${JSON.stringify(row)}`];
  });
}

/** Times as text, as `/ws` sends them; without the time when an agent was last seen, which goes on without a change. */
const plain = (data: unknown): unknown => (data === undefined ? undefined : JSON.parse(JSON.stringify(data, told)));
const told = (key: string, value: unknown) => (key === "lastSeen" ? undefined : value);
