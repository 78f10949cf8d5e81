import { expect, test } from "bun:test";
import { createLogBuffer, type LogEntry } from "./log-buffer.ts";

const refusesNothing = (error: unknown) => {
  throw error;
};

test("lines arrive in the order in which they were written, one call at a time", async () => {
  const calls: LogEntry[][] = [];
  let open = 0;
  const log = createLogBuffer({
    async send(entries, offset) {
      expect(++open).toBe(1);
      expect(offset).toBe(calls.flat().length);
      await Promise.resolve();
      calls.push(entries);
      open--;
    },
    onRefused: refusesNothing,
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
  const log = createLogBuffer({
    async send(entries) {
      await away;
      sent.push(...entries.map((entry) => entry.text));
    },
    onRefused: refusesNothing,
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

test("lines that are refused are told of, and what comes after them is sent from the place where the log ends", async () => {
  const sent: string[] = [];
  const refused: string[] = [];
  const log = createLogBuffer({
    async send(entries, offset) {
      if (entries.some(({ text }) => text === "bad")) throw new Error("Not such a line");
      sent.push(...entries.map(({ text }, i) => `${offset + i} ${text}`));
    },
    onRefused: (error, entries) => refused.push(`${error} ${entries.length}`),
  });
  log.add("info", "good");
  await log.flush();
  log.add("info", "bad");
  for (let i = 0; i < 300; i++) log.add("info", `${i}`);
  await log.flush();
  log.add("info", "last");
  await log.flush();
  expect(refused).toEqual(["Error: Not such a line 200"]);
  expect([sent.length, sent[0], sent[1], sent.at(-1)]).toEqual([103, "0 good", "1 199", "102 last"]);
});

test("a line that is cut does not end in half a character", async () => {
  const sent: string[] = [];
  const log = createLogBuffer({
    send: async (entries) => void sent.push(...entries.map(({ text }) => text)),
    onRefused: refusesNothing,
  });
  log.add("info", `${"x".repeat(7_999)}😀`);
  await log.flush();
  expect(sent.map((text) => text.isWellFormed())).toEqual([true]);
});
