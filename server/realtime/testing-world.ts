import type { EventTable, Look } from "./event-table.ts";
import type { StoredEvent } from "./events.ts";
import { matches } from "./log.ts";
import { sampleEvent } from "./testing.ts";

const entities = ["a", "b", "c", "d", "e", "f"];
const transactionsAtMost = 6;
/** So small that looks and pages are often cut short. */
const rowsAtOnce = 4;

interface Transaction {
  xid: number;
  /** Whose row it has locked; nobody else changes it before the end. */
  entity: string;
  events: StoredEvent[];
}

interface Call {
  /** What it will be answered with, once the database has run it. */
  ran: { value: unknown } | undefined;
  run(): unknown;
  answer(value: unknown): void;
}

export interface Committed {
  event: StoredEvent;
  tick: number;
}

/**
 * A table of events as Postgres keeps it, in which nothing happens by itself: transactions take numbers and end, calls are
 * run (that is when their snapshot is taken) and answered, and messages arrive, each only when told to.
 */
export class World {
  readonly committed: Committed[] = [];
  /** What the bus has under way. */
  readonly wire: StoredEvent[][] = [];
  #open: Transaction[] = [];
  #calls: Call[] = [];
  #revisions = new Map<string, number>();
  #nextSeq = 1;
  #nextXid = 100;
  #tick = 0;

  /** Time, for what asks in which order things happened. */
  tick(): number {
    return ++this.#tick;
  }

  /** A transaction changes a row, and mostly takes its first number. */
  begin(who: number, many: number): void {
    const entity = pick(entities, who) ?? "a";
    const isLocked = this.#open.some((one) => one.entity === entity);
    if (isLocked || this.#open.length >= transactionsAtMost) return;
    this.#open.push({ xid: this.#nextXid++, entity, events: [] });
    if (many > 2) this.number(this.#open.length - 1, 1);
  }

  /** The transaction takes some numbers. */
  number(who: number, many: number): void {
    const one = pick(this.#open, who);
    if (!one) return;
    for (let i = 0; i < Math.max(1, many - 6); i++) {
      const revision = (this.#revisions.get(one.entity) ?? 0) + one.events.length + 1;
      const event = { ...sampleEvent({}), seq: this.#nextSeq++, entityId: one.entity, taskId: one.entity, revision };
      one.events.push(event);
    }
  }

  commit(who: number): void {
    const one = pick(this.#open, who);
    if (!one) return;
    this.rollBack(who);
    const last = one.events.at(-1);
    if (!last) return;
    const tick = this.tick();
    this.#revisions.set(one.entity, last.revision);
    for (const event of one.events) this.committed.push({ event, tick });
    this.committed.sort((x, y) => x.event.seq - y.event.seq);
    this.wire.push(one.events);
  }

  rollBack(who: number): void {
    if (this.#open.length > 0) this.#open.splice(who % this.#open.length, 1);
  }

  /** The bus loses a message. */
  lose(who: number): void {
    if (this.wire.length > 0) this.wire.splice(who % this.wire.length, 1);
  }

  run(who: number): void {
    const call = pick(
      this.#calls.filter(({ ran }) => !ran),
      who,
    );
    if (call) call.ran = { value: call.run() };
  }

  answer(who: number): void {
    const call = pick(
      this.#calls.filter(({ ran }) => ran),
      who,
    );
    if (!call) return;
    this.#calls.splice(this.#calls.indexOf(call), 1);
    call.answer(call.ran?.value);
  }

  answerAll(): void {
    while (this.#calls.length > 0) {
      this.run(0);
      this.answer(0);
    }
  }

  /** Every transaction ends. */
  settle(): void {
    while (this.#open.length > 0) this.commit(0);
  }

  readonly table: EventTable = {
    epoch: () => this.#called(() => "00000001"),
    begin: () => this.#called(() => ({ high: this.#last(), gaps: this.#missing() })),
    look: (after, gaps) =>
      this.#called((): Look => {
        const rows = this.committed
          .map(({ event }) => event)
          .filter(({ seq }) => seq > after || gaps.some(({ low, high }) => low <= seq && seq <= high));
        return {
          oldestRunning: BigInt(Math.min(this.#nextXid, ...this.#open.map(({ xid }) => xid))),
          table: "events",
          first: this.committed[0]?.event.seq ?? 0,
          last: this.#last(),
          events: rows.slice(0, rowsAtOnce),
          isFull: rows.length >= rowsAtOnce,
        };
      }),
    freshXid: () => this.#called(() => BigInt(this.#nextXid++)),
    page: (filter, after, limit) =>
      this.#called(() => {
        const rows = this.committed.map(({ event }) => event);
        const wanted = rows.filter((event) => event.seq > after && matches(filter, event));
        const events = wanted.slice(0, Math.min(limit, rowsAtOnce));
        return { events, isLast: events.length === wanted.length, isKept: true };
      }),
  };

  #last(): number {
    return this.committed.at(-1)?.event.seq ?? 0;
  }

  #missing() {
    const rows = this.committed.map(({ event }) => event.seq);
    return rows.flatMap((seq, i) => {
      const before = rows[i - 1] ?? 0;
      return seq > before + 1 ? [{ low: before + 1, high: seq - 1 }] : [];
    });
  }

  #called<Value>(run: () => Value): Promise<Value> {
    return new Promise((resolve) => {
      this.#calls.push({ ran: undefined, run, answer: (value) => resolve(value as Value) });
    });
  }
}

export const pick = <Item>(items: Item[], who: number): Item | undefined => items[who % items.length];
