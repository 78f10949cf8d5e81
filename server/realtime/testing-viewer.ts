import { seqOf } from "./cursor.ts";
import type { OpenLog } from "./event-log.ts";
import type { StoredEvent } from "./events.ts";
import type { Form } from "./groups.ts";
import { type Lane, matches, type StreamFilter } from "./log.ts";
import type { World } from "./testing-world.ts";

/** What a viewer was told: an event, or a mark of the stream. */
interface Word {
  tick: number;
  cursor: number;
  event?: StoredEvent;
  prev?: number | null;
  mark?: "connected" | "reset";
}

const form: Form<Word> = {
  key: "word",
  write: (event, { id, prev }) => ({ tick: 0, cursor: numberOf(id), event, prev }),
};

export const outOfOrder = "is out of its entity's order";

const numberOf = (id: string) => seqOf("00000001", id) ?? Number.NaN;

export interface Start {
  filter: StreamFilter;
  /** What it was told before, up to the cursor from which it goes on. */
  told?: Word[];
  /** A cursor that was taken before data was read, and when. */
  taken?: { cursor: number; tick: number } | undefined;
}

/** Follows the log, taking so much at a time, and remembers everything; then says what was wrong with it. */
export class Viewer {
  readonly told: Word[];
  readonly filter: StreamFilter;
  readonly wrong: string[] = [];
  readonly #world: World;
  readonly #taken: Start["taken"];
  /** The seq received last on this connection. */
  #last: number | undefined;
  #wants = 3;
  #onDrained = () => {};
  readonly #stop: () => void;
  #isCut = false;

  constructor(log: OpenLog, world: World, { filter, told = [], taken }: Start) {
    this.#world = world;
    this.#taken = taken;
    this.filter = filter;
    this.told = [...told];
    const from = told.at(-1)?.cursor ?? taken?.cursor;
    const lastEventId = from === undefined ? undefined : `00000001.${from}`;
    this.#stop = log.follow({ ...filter, lastEventId }, this.#lane());
  }

  wants(many: number): void {
    this.#wants = many;
    if (many > 0) this.#onDrained();
  }

  cut(): void {
    this.#stop();
    this.#isCut = true;
  }

  /** With what another one begins that goes on in its place. */
  start(): Start {
    return { filter: this.filter, taken: this.#taken };
  }

  /** What it had been told by the time it got one of its cursors. */
  toldUpTo(who: number): Word[] {
    return this.told.slice(0, 1 + (who % Math.max(1, this.told.length)));
  }

  complaints(): string[] {
    const wrong = [...this.wrong];
    const began = this.#taken?.tick ?? this.told.find(({ mark }) => mark === "connected")?.tick;
    if (began === undefined) return wrong;
    const resets = this.told.filter(({ mark }) => mark === "reset").map(({ tick }) => tick);
    const lastReset = resets.at(-1) ?? 0;
    const places = new Map<number, number>();
    for (const [place, { event }] of this.told.entries()) {
      if (event && !places.has(event.seq)) places.set(event.seq, place);
    }
    for (const { event, tick } of this.#world.committed) {
      if (tick <= began || !matches(this.filter, event)) continue;
      const place = places.get(event.seq);
      if (place === undefined && tick > lastReset && !this.#isCut) wrong.push(`event ${event.seq} was missed`);
      // Up to where it was told, or was told that something could not be.
      const reset = this.told.findIndex(({ mark, tick: at }) => mark === "reset" && at > tick);
      const until = place ?? (reset < 0 ? undefined : reset);
      const ahead = this.told.slice(0, until).find(({ cursor }) => cursor >= event.seq);
      if (ahead) wrong.push(`cursor ${ahead.cursor} was given out before event ${event.seq} was told`);
      if (this.#taken && this.#taken.cursor >= event.seq)
        wrong.push(`cursor ${this.#taken.cursor} was taken before event ${event.seq} was committed`);
    }
    const revisions = new Map<string, number>();
    const seen = new Set<number>();
    // Of what was before its beginning, or a new one, it may be told some in any order: its rows are newer.
    let since = began;
    for (const { event, mark, tick } of this.told) {
      if (mark === "reset") since = tick;
      if (!event || seen.has(event.seq)) continue;
      seen.add(event.seq);
      const known = this.#world.committed.find((one) => one.event.seq === event.seq);
      if (!known) wrong.push(`event ${event.seq} was never committed`);
      if (!known || known.tick <= since) continue;
      const { entityId, revision } = known.event;
      if (revision < (revisions.get(entityId) ?? 0)) wrong.push(`event ${event.seq} ${outOfOrder}`);
      revisions.set(entityId, revision);
    }
    return wrong;
  }

  #lane(): Lane<Word> {
    return {
      form,
      say: ({ type, id }) => {
        if (type === "reset") this.#last = undefined;
        this.told.push({ tick: this.#world.tick(), cursor: numberOf(id), mark: type });
      },
      send: (words) => {
        const taken = words.slice(0, this.#wants);
        this.#wants -= taken.length;
        for (const word of taken) this.#hear(word);
        return taken.length;
      },
      drained: async () => {
        if (this.#wants > 0) return;
        await new Promise<void>((resolve) => {
          this.#onDrained = resolve;
        });
      },
    };
  }

  #hear(word: Word): void {
    const { event, prev } = word;
    const isFollowing = this.#last === undefined ? prev === null : prev === this.#last;
    if (!isFollowing) this.wrong.push(`event ${event?.seq} names ${prev} before it, and it was ${this.#last}`);
    this.#last = event?.seq;
    this.told.push({ ...word, tick: this.#world.tick() });
  }
}
