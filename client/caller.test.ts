import { expect, test } from "bun:test";
import { TRPCClientError } from "@trpc/client";
import { fullJitter } from "./backoff.ts";
import { createCaller } from "./caller.ts";

const { signal } = new AbortController();
const noAnswer = () => new TRPCClientError("Unable to connect", { cause: new Error("ECONNREFUSED") });

test("waits spread over the whole range below a bound that doubles", () => {
  expect([1, 2, 3, 20].map((attempt) => fullJitter(attempt, 1))).toEqual([400, 800, 1600, 30_000]);
  expect(fullJitter(5, 0)).toBe(0);
});

test("a call is made again until it is answered; going away and coming back are each said once", async () => {
  const notices: string[] = [];
  const { persist } = createCaller((message) => notices.push(message));
  let tries = 0;
  const answer = await persist({ signal }, async () => {
    if (++tries < 3) throw noAnswer();
    return "here";
  });
  expect([answer, tries]).toEqual(["here", 3]);
  expect(notices).toEqual([
    "The factory does not answer (ECONNREFUSED). Trying until it does.",
    "The factory answers again.",
  ]);
});

test("what is wrong with the call itself is not tried again", async () => {
  const { persist } = createCaller(() => {});
  let tries = 0;
  const call = async () => {
    tries++;
    throw new TRPCClientError("No such task", {
      result: { error: { message: "No such task", code: -32004, data: { code: "NOT_FOUND", httpStatus: 404 } } },
    });
  };
  await expect(persist({ signal }, call)).rejects.toThrow("No such task");
  expect(tries).toBe(1);
});

test("an abort ends the tries", async () => {
  const { persist } = createCaller(() => {});
  const stop = new AbortController();
  const call = async () => {
    stop.abort();
    throw noAnswer();
  };
  await expect(persist({ signal: stop.signal }, call)).rejects.toThrow("Unable to connect");
});

test("a call that never answers is given up at its time limit", async () => {
  const { attempt } = createCaller(() => {});
  await expect(attempt({ signal, timeoutMs: 1 }, () => new Promise(() => {}))).rejects.toThrow("no answer within");
});
