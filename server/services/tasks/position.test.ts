import { expect, test } from "bun:test";
import fc from "fast-check";
import { bottomKey, keyBetween, topKey } from "./position.ts";

const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

test("cards that enter by themselves come at the end, or on top, in the order they came", () => {
  const bottom = Array.from({ length: 2000 }, bottomKey);
  expect(bottom.toSorted(byBytes)).toEqual(bottom);
  const top = Array.from({ length: 2000 }, topKey);
  expect(top.toSorted(byBytes)).toEqual(top.toReversed());
});

test("whatever is dropped wherever, a card lands between its neighbours", () => {
  const drops = fc.array(fc.tuple(fc.nat(), fc.constantFrom("drop", "bottom", "top")), { maxLength: 200 });
  fc.assert(
    fc.property(drops, (moves) => {
      const keys: string[] = [];
      for (const [where, how] of moves) {
        const index = how === "bottom" ? keys.length : how === "top" ? 0 : where % (keys.length + 1);
        // A card that enters by itself takes its key from the clock, which is far from both ends of what was dropped.
        const key = keyBetween(keys[index - 1] ?? null, keys[index] ?? null);
        keys.splice(index, 0, key);
      }
      expect(keys.toSorted(byBytes)).toEqual(keys);
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test("a card dropped between two that took their keys from the clock lands between them", () => {
  const [above, below] = [bottomKey(), bottomKey()];
  const between = keyBetween(above, below);
  expect([above, between, below].toSorted(byBytes)).toEqual([above, between, below]);
});

test("neighbours that stand in the wrong order do not stop a move", () => {
  const [first, second] = [bottomKey(), bottomKey()];
  expect(keyBetween(second, first) > second).toBe(true);
});
