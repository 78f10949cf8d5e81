import { expect, test } from "bun:test";
import { sampleEnvelope } from "./live-testing.ts";
import { StreamPlace } from "./stream-place.ts";

const event = (seq: number, prev: number | null) => ({ ...sampleEnvelope("a", seq), id: `c${seq}`, seq, prev });

test("an event that names the one before it follows, and moves the cursor", () => {
  const place = new StreamPlace("c0");
  expect(place.follows(event(5, null))).toBe(true);
  expect(place.follows(event(7, 5))).toBe(true);
  expect(place.cursor).toBe("c7");
});

test("a lost event is noticed, and the stream resumed after the last that came", () => {
  const place = new StreamPlace("c0");
  place.follows(event(5, null));
  expect(place.follows(event(9, 7))).toBe(false);
  expect(place.cursor).toBe("c5");
  expect(place.follows(event(7, null))).toBe(true);
  expect(place.follows(event(9, 7))).toBe(true);
});

test("a late commit with a lower number follows, and its loss is noticed as well", () => {
  const late = new StreamPlace("c0");
  late.follows(event(8, null));
  expect(late.follows(event(6, 8))).toBe(true);
  expect(late.follows(event(9, 6))).toBe(true);

  const lost = new StreamPlace("c0");
  lost.follows(event(8, null));
  expect(lost.follows(event(9, 6))).toBe(false);
  expect(lost.cursor).toBe("c8");
});

test("a hole that is still there after resuming is not resumed for ever", () => {
  const place = new StreamPlace("c0");
  place.follows(event(5, null));
  expect(place.follows(event(9, 7))).toBe(false);
  expect(place.follows(event(9, 7))).toBe(true);
});

test("after a reset the next event is the first", () => {
  const place = new StreamPlace("c0");
  place.follows(event(5, null));
  place.startOver("c90");
  expect(place.cursor).toBe("c90");
  expect(place.follows(event(91, 90))).toBe(true);
});
