import { Invalid } from "./errors.ts";

export interface Page<Item> {
  items: Item[];
  /** Hand it in as `cursor` for the items after these; null at the end. */
  nextCursor: string | null;
}

/** A place in a list: the values it is sorted by, the id last, in a form that callers only hand back. */
export function encodeCursor(place: (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** The place a cursor stands for; refuses one that was not made for a list sorted by this many values. */
export function decodeCursor(cursor: string, length: number): (string | number)[] {
  const place = parsed(Buffer.from(cursor, "base64url").toString());
  const isPlace =
    Array.isArray(place) &&
    place.length === length &&
    place.every((value) => typeof value === "string" || typeof value === "number");
  if (!isPlace) throw new Invalid({ cursor: ["This page mark belongs to another list. Start again without it."] });
  return place;
}

/** The first `limit` of the rows as a page; one row more than that was asked for, to know whether there is more. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  { toItem, placeOf }: { toItem: (row: Row) => Item; placeOf: (row: Row) => (string | number)[] },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(toItem), nextCursor: last === undefined ? null : encodeCursor(placeOf(last)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
