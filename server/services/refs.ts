/** Which column a reference names, and its value: an id, or the number that people see (T-142, W-7). */
export type Ref = { column: "id" | "number"; value: string | number };

/** Null when the reference is the short form of another kind of thing. */
export function refOf(ref: string, letter: "T" | "W"): Ref | null {
  const short = /^([TW])-(\d+)$/i.exec(ref);
  if (!short) return { column: "id", value: ref };
  return short[1]?.toUpperCase() === letter ? { column: "number", value: Number(short[2]) } : null;
}
