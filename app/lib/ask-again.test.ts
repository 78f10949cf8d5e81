import { expect, test } from "bun:test";
import { askAgain } from "./ask-again.ts";

const lost = () => Promise.reject(new TypeError("Failed to fetch"));
const from = (status: number, instance?: string) => async () =>
  new Response(null, { status, headers: instance ? { "x-instance": instance } : {} });

/** A `fetch` that gives these answers in turn, the last one for ever. */
function answering(...answers: (() => Promise<Response>)[]) {
  let asked = 0;
  const ask = () => answers[Math.min(asked++, answers.length - 1)]?.() ?? lost();
  return { ask: askAgain(Object.assign(ask, fetch), () => 0), times: () => asked };
}

const keyed = { method: "POST", body: new URLSearchParams({ name: "Once", idempotencyKey: "k" }) };

test.each([
  ["a read", undefined],
  ["a form with a key", keyed],
])("%s is asked again when the connection breaks or no instance answers", async (_what, init) => {
  const { ask, times } = answering(lost, from(502), from(200, "a"));
  expect((await ask("/tasks.data", init)).status).toBe(200);
  expect(times()).toBe(3);
});

test.each([
  ["a form without a key", { method: "POST", body: new URLSearchParams({ name: "Once" }) }],
  ["a form with an empty key", { method: "POST", body: new URLSearchParams({ idempotencyKey: "" }) }],
])("%s is never sent twice", async (_what, init) => {
  const { ask, times } = answering(lost);
  await expect(ask("/tasks/new.data", init)).rejects.toThrow("Failed to fetch");
  expect(times()).toBe(1);
});

test("what an instance itself says is taken as it is", async () => {
  const { ask, times } = answering(from(503, "a"));
  expect((await ask("/tasks.data")).status).toBe(503);
  expect(times()).toBe(1);
});

test("whoever gave up is not asked for any more, and patience ends", async () => {
  const gone = answering(lost);
  await expect(gone.ask("/tasks.data", { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(gone.times()).toBe(1);
  const down = answering(from(502));
  expect((await down.ask("/tasks.data")).status).toBe(502);
  expect(down.times()).toBe(5);
});
