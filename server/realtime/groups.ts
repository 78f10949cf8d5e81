import type { StoredEvent } from "./events.ts";
import { matches, type StreamFilter } from "./log.ts";

/** An event on its way to the subscribers, with the low-water mark after it. */
export interface Delivery {
  event: StoredEvent;
  lowWater: number;
}

/** How an event is written out for those who want it alike: subscribers with equal keys share one text. */
export interface Form<Out> {
  key: string;
  write(event: StoredEvent, at: { id: string; prev: number | null }): Out;
}

/** Where somebody is in its stream. */
export interface Place {
  /** Everything at or below was sent, or is not for this one. */
  after: number;
  /** The number of the event that was sent last. */
  prev: number | null;
}

/** One that has caught up, and takes what is written out already. */
export interface Rider {
  filter: StreamFilter;
  form: Form<unknown>;
  /** How many of these it took, from the front. Fewer than all, and it is out of its group. */
  take(written: unknown[]): number;
  /** It is out, at this place. */
  left(place: Place): void;
  /** It is out, and was not told of something: it has to load everything anew. */
  startAnew(): void;
}

interface Written {
  out: unknown;
  event: StoredEvent;
  id: string;
  /** The low-water mark before this event. */
  before: number;
}

/** Those who want the same events in the same form. */
class Group {
  readonly riders = new Set<Rider>();
  /** What was sent last to those who joined since, where it is not what the others had. */
  #ownPrev = new Map<Rider, number | null>();
  #written: Written[] = [];
  /** Of what was handed out. */
  #place: Place;
  /** Of what was written. */
  #lowWater: number;
  #prev: number | null;

  constructor(
    readonly key: string,
    readonly filter: StreamFilter,
    readonly form: Form<unknown>,
    place: Place,
  ) {
    this.#place = place;
    this.#lowWater = place.after;
    this.#prev = place.prev;
  }

  join(rider: Rider, { prev }: Place): void {
    this.riders.add(rider);
    if (prev !== this.#prev) this.#ownPrev.set(rider, prev);
  }

  leave(rider: Rider): void {
    this.riders.delete(rider);
    this.#ownPrev.delete(rider);
  }

  /** Throws when the event cannot be written out; the group is then to start anew. */
  offer({ event, lowWater }: Delivery, id: string): void {
    if (matches(this.filter, event)) {
      const out = this.form.write(event, { id, prev: this.#prev });
      this.#written.push({ out, event, id, before: this.#lowWater });
      this.#prev = event.seq;
    }
    this.#lowWater = lowWater;
  }

  startAnew(): void {
    const riders = [...this.riders];
    this.riders.clear();
    this.#ownPrev.clear();
    this.#written = [];
    for (const rider of riders) rider.startAnew();
  }

  flush(): void {
    const [first] = this.#written;
    if (!first) return;
    const written = this.#written;
    const place = this.#place;
    this.#written = [];
    this.#place = { after: this.#lowWater, prev: this.#prev };
    const outs = written.map(({ out }) => out);
    for (const rider of this.riders) {
      const prev = this.#ownPrev.has(rider) ? (this.#ownPrev.get(rider) ?? null) : place.prev;
      const own = prev === place.prev ? outs : [this.form.write(first.event, { id: first.id, prev }), ...outs.slice(1)];
      const taken = rider.take(own);
      this.#ownPrev.delete(rider);
      const missed = written[taken];
      if (!missed) continue;
      this.riders.delete(rider);
      rider.left({ after: missed.before, prev: written[taken - 1]?.event.seq ?? prev });
    }
  }
}

/**
 * The short way for subscribers that have caught up: filters are evaluated once per group, an event is written out once
 * per group, and what one turn of the event loop brings is sent together. Whoever falls behind leaves its group at a
 * known place, is served from the table and joins again when it has caught up.
 */
export class Groups {
  #groups = new Map<string, Group>();
  #isDue = false;

  constructor(
    readonly cursorAt: (seq: number) => string,
    readonly onError: (error: unknown) => void,
  ) {}

  /** Everything from now on goes to this rider, which has had everything up to this place. */
  join(rider: Rider, place: Place): void {
    const key = keyOf(rider);
    let group = this.#groups.get(key);
    // What waits in the group has reached the newcomer already.
    group?.flush();
    if (!group) {
      group = new Group(key, rider.filter, rider.form, place);
      this.#groups.set(key, group);
    }
    group.join(rider, place);
  }

  leave(rider: Rider): void {
    const group = this.#groups.get(keyOf(rider));
    group?.leave(rider);
    if (group?.riders.size === 0) this.#groups.delete(group.key);
  }

  offer(delivery: Delivery): void {
    if (this.#groups.size === 0) return;
    const id = this.cursorAt(delivery.lowWater);
    for (const group of [...this.#groups.values()]) {
      try {
        group.offer(delivery, id);
      } catch (error) {
        this.onError(error);
        this.#groups.delete(group.key);
        group.startAnew();
      }
    }
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      for (const group of this.#groups.values()) {
        group.flush();
        if (group.riders.size === 0) this.#groups.delete(group.key);
      }
    });
  }
}

const keyOf = ({ filter: { channels, workflowId, taskId }, form }: Rider) =>
  JSON.stringify([channels?.toSorted(), workflowId, taskId, form.key]);
