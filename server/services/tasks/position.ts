import { generateKeyBetween } from "fractional-indexing";

/**
 * Fractional keys, compared byte by byte. A card that enters a column by itself takes a key made from the clock, so
 * nobody reads the column to append to it: the integer part counts milliseconds up (at the end) or down (on top).
 * Only the order on the screen rests on it; equal keys are told apart by id.
 */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The header that says "eight digits follow" in the fractional-indexing format. */
const header = "h";
const width = 8;
const max = 62 ** width - 1;

let lastMs = 0;
let sameMs = 0;

/** A place at the end of a column. */
export const bottomKey = () =>
  timeKey(
    (ms) => ms,
    (n) => n,
  );

/** A place on top of a column. */
export const topKey = () =>
  timeKey(
    (ms) => max - ms,
    (n) => 62 * 62 - 1 - n,
  );

/** A place between two cards of a column; null is the column's end. */
export function keyBetween(after: string | null, before: string | null): string {
  return generateKeyBetween(after, after !== null && before !== null && after >= before ? null : before);
}

function timeKey(toInteger: (ms: number) => number, toFraction: (count: number) => number): string {
  const now = Date.now();
  sameMs = now === lastMs ? (sameMs + 1) % (62 * 62) : 0;
  lastMs = now;
  // The last digit is random against other instances, and never 0: a key's fraction must not end in one.
  const tail = digits[1 + Math.floor(Math.random() * 61)];
  return header + encode(toInteger(now), width) + encode(toFraction(sameMs), 2) + tail;
}

function encode(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = digits[rest % 62] + text;
  return text;
}
