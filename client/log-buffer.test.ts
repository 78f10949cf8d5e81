import { expect, test } from "bun:test";
import { createLogBuffer, type LogEntry } from "./log-buffer.ts";

test("lines arrive in the order in which they were written, one call at a time", async () => {
  const calls: LogEntry[][] = [];
  let open = 0;
  const log = createLogBuffer(async (entries) => {
    expect(++open).toBe(1);
    await Promise.resolve();
    calls.push(entries);
    open--;
  });
  for (let i = 0; i < 500; i++) log.add("info", `${i}`);
  await log.flush();
  expect(calls.flat().map((entry) => entry.text)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
  expect(Math.max(...calls.map((entries) => entries.length))).toBeLessThanOrEqual(200);
});

test("while the server is away memory stays bounded, and a line says how many were left out", async () => {
  const sent: string[] = [];
  let answer = () => {};
  const away = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const log = createLogBuffer(async (entries) => {
    await away;
    sent.push(...entries.map((entry) => entry.text));
  });
  log.add("info", "first");
  await Promise.resolve();
  for (let i = 0; i < 6_000; i++) log.add("info", `${i}`);
  answer();
  await log.flush();
  expect(sent).toHaveLength(1 + 1 + 5_000);
  expect(sent[1]).toBe("1000 lines were left out here");
  expect(sent.at(-1)).toBe("5999");
});
