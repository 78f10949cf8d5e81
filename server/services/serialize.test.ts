import { expect, test } from "bun:test";
import fc from "fast-check";
import superjson from "superjson";
import { serialize } from "./serialize.ts";

test.each([
  [
    "a row of a table",
    { id: "a", dueDate: null, createdAt: new Date(0), labels: ["x"], input: { deep: [1, { a: null }] } },
  ],
  ["a row without times", { id: "a", revision: 1, ready: true }],
  ["a field that is undefined", { id: "a", note: undefined }],
  ["a time further down", { id: "a", inner: { at: new Date(0) } }],
  ["a time that is none", { at: new Date(Number.NaN) }],
  ["a time under a name with a dot", { "a.b": new Date(0) }],
  ["numbers that JSON lacks", { a: Number.NaN, b: -0, c: Number.POSITIVE_INFINITY }],
  ["a set, a map and a bigint", { a: new Set([1]), b: new Map([["k", 1n]]) }],
  ["a list", [1, new Date(0)]],
  ["names that need escaping above a time", { "a.b": { "c\\\\d": [{ at: new Date(0) }] }, "": { at: new Date(0) } }],
  ["no object at all", "text"],
])("%s is serialized as superjson does it", (_what, value) => {
  expect(serialize(value)).toEqual(superjson.serialize(value));
});

test("whatever has times and undefined in it is serialized as superjson does it", () => {
  const value = fc.object({ withDate: true, withNullPrototype: false, maxDepth: 4, key: fc.string({ maxLength: 3 }) });
  fc.assert(
    fc.property(value, (value) => {
      expect(serialize(value)).toEqual(superjson.serialize(value));
    }),
  );
});

test("names that superjson refuses to write reach the client as they are", () => {
  const result = { constructor: { prototype: 1 } };
  expect(superjson.deserialize<object>(serialize({ at: new Date(0), result }))).toEqual({ at: new Date(0), result });
});
