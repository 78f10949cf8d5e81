import { cursorOf } from "./cursor.ts";
import { type Common, commonOf } from "./envelope.ts";
import type { StreamFilter } from "./log.ts";
import { type Delivery, matches } from "./subscriber.ts";

/** How an event is written out for those who want it alike: subscribers with equal keys share one text. */
export interface Form {
  key: string;
  write(event: Common, at: { id: string; prev: number | null }): string;
}

/** A subscriber that takes finished texts, so that an event costs it one `send` and no step of a generator. */
export interface Lane {
  form: Form;
  /** False when so much waits already that it should take no more for now. It has taken these in any case. */
  send(texts: string[]): boolean;
  /** Resolves when most of what was sent has been taken. */
  drained(): Promise<void>;
}

type OnLeave = (last: number | null) => void;

/** Those who want the same events in the same form. */
class Group {
  readonly members = new Map<Lane, OnLeave>();
  #texts: string[] = [];

  constructor(
    readonly filter: StreamFilter,
    readonly form: Form,
    public last: number | null,
  ) {}

  offer({ event }: Delivery, id: string): void {
    if (!matches(this.filter, event)) return;
    this.#texts.push(this.form.write(commonOf(event), { id, prev: this.last }));
    this.last = event.seq;
  }

  flush(): void {
    if (this.#texts.length === 0) return;
    const texts = this.#texts;
    this.#texts = [];
    for (const [lane, onLeave] of this.members) {
      if (lane.send(texts)) continue;
      this.members.delete(lane);
      onLeave(this.last);
    }
  }
}

/**
 * The short way for subscribers that have caught up: filters are evaluated once per group, an event is written out once
 * per group, and what one turn of the event loop brings is sent together. Whoever falls behind leaves its group at a
 * known place, takes the long way (a `Subscriber` of its own) and joins again when it has caught up.
 */
export class Groups {
  #groups = new Map<string, Group>();
  #groupOf = new Map<Lane, { key: string; group: Group }>();
  #isDue = false;

  constructor(readonly epoch: string) {}

  get size(): number {
    return this.#groupOf.size;
  }

  /** Everything from now on goes to this lane; `last` is the number of the event that it saw last. */
  join(lane: Lane, filter: StreamFilter, last: number | null, onLeave: OnLeave): void {
    const key = JSON.stringify([filter.channels?.toSorted(), filter.workflowId, filter.taskId, lane.form.key]);
    const group = this.#groups.get(key) ?? new Group(filter, lane.form, last);
    this.#groups.set(key, group);
    // What waits in the group has reached the newcomer already.
    group.flush();
    group.members.set(lane, (at) => {
      this.#forget(lane);
      onLeave(at);
    });
    this.#groupOf.set(lane, { key, group });
  }

  leave(lane: Lane): void {
    const group = this.#groupOf.get(lane)?.group;
    const onLeave = group?.members.get(lane);
    group?.members.delete(lane);
    onLeave?.(group?.last ?? null);
  }

  offer(delivery: Delivery): void {
    if (this.#groups.size === 0) return;
    const id = cursorOf(this.epoch, delivery.lowWater);
    for (const group of this.#groups.values()) group.offer(delivery, id);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      for (const group of this.#groups.values()) group.flush();
    });
  }

  #forget(lane: Lane): void {
    const known = this.#groupOf.get(lane);
    this.#groupOf.delete(lane);
    if (known?.group.members.size === 0) this.#groups.delete(known.key);
  }
}
