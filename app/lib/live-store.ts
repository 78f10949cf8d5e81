import type { Envelope } from "../../server/realtime/events.ts";

export type LiveEntity = "workflow" | "task" | "agent" | "run" | "suggestion" | "comment" | "policy" | "system";

/** The newest that the stream said about one row. */
export interface Patch {
  entity: LiveEntity;
  id: string;
  revision: number;
  /** Null when it was deleted. */
  row: unknown;
  event: Envelope;
}

export interface Connection {
  state: "connecting" | "live" | "catching-up" | "offline";
  /** Events received while catching up. */
  behind: number;
  /** When the state began. */
  since: number;
}

type Listener = () => void;

/** More than this is never kept: a page that has missed so much, hidden or held, reads its rows anew. */
const mostPatches = 2000;

/**
 * What the live page keeps beside its loader's rows: one patch per row, newest revision only. Many events become one
 * notice to the page (`flush` runs once a frame); the newest state of a row is never dropped. While somebody has a card in
 * the hand nothing is shown, so nothing moves under it.
 */
export class LiveStore {
  #patches = new Map<string, Patch>();
  #queue = new Map<string, Patch>();
  #isHeld = false;
  #listeners = new Set<Listener>();
  #version = 0;
  #connection: Connection = { state: "connecting", behind: 0, since: 0 };

  subscribe = (listener: Listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  version = () => this.#version;
  connection = () => this.#connection;

  receive(event: Envelope): void {
    const patch = patchOf(event);
    const key = keyOf(patch.entity, patch.id);
    const known = this.#queue.get(key) ?? this.#patches.get(key);
    // A run's log lines share its revision: the later of two equals is the newer.
    if (!known || known.revision <= patch.revision) this.#queue.set(key, patch);
  }

  /** Shows what was received, unless it is held; says whether anything is new. */
  flush(): boolean {
    if (this.#isHeld || this.#queue.size === 0) return false;
    for (const [key, patch] of this.#queue) this.#patches.set(key, patch);
    this.#queue.clear();
    this.#tell();
    return true;
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** What has come meanwhile is shown with the next frame. */
  release(): void {
    this.#isHeld = false;
  }

  isHolding = () => this.#isHeld;

  isOverfull = () => this.#queue.size + this.#patches.size > mostPatches;

  patches(entity: LiveEntity): Patch[] {
    return [...this.#patches.values()].filter((patch) => patch.entity === entity);
  }

  /**
   * Forgets what rows that were read from this cursor on already hold. Not by the clock: an event may come between the asking
   * and the moment in which the page hears of it.
   */
  forgetThrough(cursor: string): void {
    const through = Number(cursor.slice(cursor.lastIndexOf(".") + 1));
    for (const [key, patch] of this.#patches) if (patch.event.seq <= through) this.#patches.delete(key);
    this.#tell();
  }

  clear(): void {
    this.#queue.clear();
    if (this.#patches.size === 0) return;
    this.#patches.clear();
    this.#tell();
  }

  setConnection(connection: Connection): void {
    this.#connection = connection;
    for (const listener of this.#listeners) listener();
  }

  #tell(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

const keyOf = (entity: LiveEntity, id: string) => `${entity}:${id}`;

function patchOf(event: Envelope): Patch {
  return {
    // Every event is named after its entity first: task_update, comment_added.
    entity: event.type.slice(0, event.type.indexOf("_")) as LiveEntity,
    id: event.entityId,
    revision: event.revision,
    row: event.type.endsWith("_deleted") ? null : event.data,
    event,
  };
}

interface Rule<Row> {
  /** Whether the row is in this list at all: the list's filter. */
  belongs(row: Row): boolean;
  /** The list's row from the event's; undefined when the list cannot make it without asking the server. */
  toRow(data: unknown, known: Row | undefined): Row | undefined;
  compare(a: Row, b: Row): number;
}

/** A loader's rows with what the stream has said since: newer revisions win, rows come and go by the list's filter. */
export function patchRows<Row extends { id: string; revision: number }>(
  rows: readonly Row[],
  patches: readonly Patch[],
  { belongs, toRow, compare }: Rule<Row>,
): Row[] {
  if (patches.length === 0) return [...rows];
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const patch of patches) {
    const known = byId.get(patch.id);
    if (known && known.revision >= patch.revision) continue;
    const row = patch.row === null ? undefined : toRow(patch.row, known);
    if (row && belongs(row)) byId.set(row.id, row);
    else if (row || patch.row === null) byId.delete(patch.id);
  }
  return [...byId.values()].sort(compare);
}
