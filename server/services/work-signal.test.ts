import { expect, test } from "bun:test";
import { askUntil, type Offer, WorkSignal } from "./work-signal.ts";

const task: Offer = { workflowId: "w", requiredCapabilities: [], assignedAgentId: null };

/** Somebody who waits under a name; `looks` says how often it has looked, its last look answers. */
function waiter(signal: WorkSignal, name: string, wants?: () => boolean | undefined) {
  const state = { looks: 0, isServed: false };
  const done = askUntil(signal.of(name), { waitMs: 10_000, wants: wants && (() => wants()) }, async () => {
    state.looks++;
    return state.isServed || undefined;
  });
  const settle = async () => {
    state.isServed = true;
    signal.wake();
    await done;
  };
  return { state, settle };
}

const turn = () => new Promise(setImmediate);
const looksOf = (waiters: ReturnType<typeof waiter>[]) => waiters.map(({ state }) => state.looks);
const settleAll = (waiters: ReturnType<typeof waiter>[]) => Promise.all(waiters.map(({ settle }) => settle()));

test("a task wakes two of those who want it, the longest waiting first, and nobody else", async () => {
  const signal = new WorkSignal();
  const waiters = [
    waiter(signal, "cannot", () => false),
    ...["a", "b", "c", "d"].map((name) => waiter(signal, name, () => true)),
  ];
  await turn();
  expect(looksOf(waiters)).toEqual([1, 1, 1, 1, 1]);
  signal.offer(task);
  await turn();
  expect(looksOf(waiters)).toEqual([1, 2, 2, 1, 1]);
  // The two wait again, behind the others.
  signal.offer(task);
  await turn();
  expect(looksOf(waiters)).toEqual([1, 2, 2, 2, 2]);
  await settleAll(waiters);
});

test("who does not know yet whether it wants a task is woken as well", async () => {
  const signal = new WorkSignal();
  const waiters = [
    waiter(signal, "unsure", () => undefined),
    waiter(signal, "silent"),
    ...["a", "b", "c"].map((name) => waiter(signal, name, () => true)),
  ];
  await turn();
  signal.offer(task);
  await turn();
  expect(looksOf(waiters)).toEqual([2, 2, 2, 2, 1]);
  await settleAll(waiters);
});

test("who was woken for a task and finds that it cannot have it passes it on, until somebody wants it", async () => {
  const signal = new WorkSignal();
  const believesInVain = (name: string) => {
    const one = waiter(signal, name, () => one.state.looks < 2);
    return one;
  };
  const waiters = [...["a", "b", "c", "d"].map(believesInVain), waiter(signal, "can", () => true)];
  await turn();
  signal.offer(task);
  await turn();
  await turn();
  expect(waiters.at(-1)?.state.looks).toBeGreaterThan(1);
  await settleAll(waiters);
});

test("who fails to look, or has gone, passes the task on", async () => {
  const signal = new WorkSignal();
  const gone = new AbortController();
  let looks = 0;
  const failing = askUntil(signal.of("failing"), { waitMs: 10_000, wants: () => true }, async () => {
    if (++looks === 2) throw new Error("The database is away");
    return undefined;
  });
  const leaving = askUntil(
    signal.of("leaving"),
    { waitMs: 10_000, wants: () => true, abort: gone.signal },
    async () => undefined,
  );
  const next = waiter(signal, "next", () => true);
  await turn();
  signal.offer(task);
  gone.abort();
  await expect(failing).rejects.toThrow("The database is away");
  await leaving;
  await turn();
  expect(next.state.looks).toBeGreaterThan(1);
  await next.settle();
});
