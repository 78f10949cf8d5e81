import { expect, test } from "bun:test";
import { createBackground } from "./background.ts";

const fail = (_name: string, error: unknown) => {
  throw error;
};

test("work that is asked for often runs once for what came together, and once more for what came while it ran", async () => {
  const background = createBackground(fail);
  const turns: number[] = [];
  const turn = (n: number) => async () => {
    turns.push(n);
    if (n === 2) for (const late of [3, 4]) background.run("count", turn(late));
  };
  for (const n of [1, 2]) background.run("count", turn(n));
  await background.drain();
  expect(turns).toEqual([2, 4]);
});

test("urgent work does not wait for the pause between two turns", async () => {
  const background = createBackground(fail);
  const turns: string[] = [];
  for (const name of ["usual", "urgent"]) background.run(name, async () => {});
  background.run("usual", async () => void turns.push("usual"));
  await new Promise<void>((resolve) => {
    background.run("urgent", async () => resolve(), { isUrgent: true });
  });
  expect(turns).toEqual([]);
  await background.drain();
  expect(turns).toEqual(["usual"]);
});

test("work that fails says so and holds up nobody", async () => {
  const said: string[] = [];
  const background = createBackground((name, error) => void said.push(`${name}: ${(error as Error).message}`));
  background.run("count", () => Promise.reject(new Error("It broke")));
  background.run("other", async () => void said.push("other ran"));
  await background.drain();
  expect(said.toSorted()).toEqual(["count: It broke", "other ran"]);
});
