import { expect, test } from "bun:test";
import { gather, refused, settled } from "./gather.ts";

const turn = () => new Promise(setImmediate);

test("a lone call goes alone, and calls that come while a batch is under way go together in the next", async () => {
  const batches: number[][] = [];
  const open = Promise.withResolvers<void>();
  const ask = gather(async (requests: number[]) => {
    batches.push(requests);
    await open.promise;
    return requests.map((n) => settled(n * 2));
  });
  const first = ask(1);
  await turn();
  await turn();
  const others = [ask(2), ask(3)];
  open.resolve();
  expect(await Promise.all([first, ...others])).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test("calls that arrive one after another go together even when the work never waits for anything outside", async () => {
  const batches: number[] = [];
  const ask = gather(async (requests: string[]) => {
    batches.push(requests.length);
    return requests.map(settled);
  });
  const answers: Promise<string>[] = [];
  for (const name of ["a", "b", "c"]) {
    answers.push(ask(name));
    await Promise.resolve();
  }
  expect(await Promise.all(answers)).toEqual(["a", "b", "c"]);
  expect(batches).toEqual([3]);
});

test("each call has its own answer, and one that breaks a batch breaks only its own", async () => {
  const ask = gather(async (requests: string[]) => {
    if (requests.includes("broken")) throw new Error("It broke");
    return requests.map((name) => (name === "refused" ? refused(new Error("No")) : settled(name)));
  });
  const answers = await Promise.allSettled(["good", "broken", "refused"].map(ask));
  expect(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : answer.reason.message))).toEqual([
    "good",
    "It broke",
    "No",
  ]);
});
