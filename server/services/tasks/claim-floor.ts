import type { Connection } from "../../../db/client.ts";
import { findFronts, firstOfEach, type Matching } from "./claim-fronts.ts";
import { canDo, isBelow, lower, nameOf, type Place, type QueueKey, top } from "./claim-order.ts";

const raiseAfterMs = 100;
const forgetAfterMs = 1000;

/** What is known for one kind of agent. */
interface Floors {
  capabilities: string[];
  /** By the name of the queue. */
  places: Map<string, Place>;
  /** Places that were heard of while a look is under way, which may not have seen them. */
  heard: Map<string, Place>;
  raisedAt: number;
  /** When the queues were last looked through from their beginnings; nothing before the first look is over. */
  since: number | undefined;
}

/**
 * Which queues hold something for a kind of agent, and below which place of each nothing waits. Whoever holds a snapshot open (a
 * report, a dump) keeps Postgres from clearing away what was claimed, and every claim would walk over all of it; so claims begin
 * at the floor. It is a hint: a task that comes to lie below takes it down, and after a second it is forgotten, so that nothing
 * hides behind a message that was lost. A claim that does not wait for news and finds too little from the floor on looks at the
 * whole queue: a task that another instance has just made is there.
 */
export class ClaimFloors {
  #kinds = new Map<string, Floors>();

  /** Where claims of this kind may begin; nothing if it is not known. */
  of(kind: string): Place[] | undefined {
    const floors = this.#kinds.get(kind);
    const isKnown = floors?.since !== undefined && performance.now() - floors.since < forgetAfterMs;
    return isKnown ? [...floors.places.values()] : undefined;
  }

  /** A task may be claimed at this place. */
  include(place: Place): void {
    const name = nameOf(place.needs);
    for (const { capabilities, places, heard } of this.#kinds.values()) {
      if (!canDo(capabilities, place.needs)) continue;
      lowerIn(places, name, place);
      lowerIn(heard, name, place);
    }
  }

  /** Looks where every queue begins that such an agent can do something of. */
  async learn(tx: Connection, kind: string, capabilities: string[]): Promise<Place[]> {
    const now = performance.now();
    const floors: Floors = {
      capabilities,
      places: new Map(),
      heard: new Map(),
      raisedAt: now - raiseAfterMs,
      since: undefined,
    };
    if (this.#kinds.size >= kindsAtMost) this.#kinds.clear();
    this.#kinds.set(kind, floors);
    for (const front of await findFronts(tx, capabilities)) lowerIn(floors.places, nameOf(front.needs), front);
    floors.since = now;
    return [...floors.places.values()];
  }

  /** Looks, every now and then, where the first task of each queue lies by now, whether or not such an agent is free. */
  async raise(tx: Connection, kind: string, matching: Matching): Promise<void> {
    const now = performance.now();
    const floors = this.#kinds.get(kind);
    if (!floors || now - floors.raisedAt < raiseAfterMs) return;
    const places = [...floors.places].filter(([, place]) => isBelow(place, top));
    if (places.length === 0) return;
    floors.raisedAt = Number.POSITIVE_INFINITY;
    floors.heard.clear();
    try {
      const asked = places.map(([, place]) => place);
      const firsts = new Map((await firstOfEach(tx, asked, matching)).map((first) => [nameOf(first.needs), first]));
      for (const [name, { needs }] of places) {
        const key: QueueKey = firsts.get(name) ?? top;
        floors.places.set(name, { ...lower(key, floors.heard.get(name) ?? top), needs });
      }
    } finally {
      floors.raisedAt = now;
    }
  }
}

const kindsAtMost = 1000;

function lowerIn(places: Map<string, Place>, name: string, place: Place): void {
  const known = places.get(name);
  if (!known || isBelow(place, known)) places.set(name, place);
}
