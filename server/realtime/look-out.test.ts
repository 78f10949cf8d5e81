import { afterEach, expect, test } from "bun:test";
import { LookOut } from "./look-out.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** Looks that find nothing, and the moments at which they were made. */
function watching() {
  const looks: number[] = [];
  let onLook = () => {};
  const lookOut = new LookOut(
    async () => {
      looks.push(performance.now());
      onLook();
      return { more: false, missing: false };
    },
    (error) => {
      throw error;
    },
  );
  opened.push(lookOut);
  const looked = () =>
    new Promise<void>((resolve) => {
      onLook = resolve;
    });
  return { lookOut, looks, looked };
}

test("the table is looked at after a second of silence", async () => {
  const began = performance.now();
  const { looked } = watching();
  await looked();
  expect(performance.now() - began).toBeWithin(900, 1400);
});

test("the table is looked at every one and a half seconds, however much the bus brings", async () => {
  const began = performance.now();
  const { lookOut, looks, looked } = watching();
  const news = setInterval(() => lookOut.heard(), 50);
  await looked();
  await looked();
  clearInterval(news);
  expect((looks[0] ?? 0) - began).toBeWithin(1400, 1900);
  expect((looks[1] ?? 0) - (looks[0] ?? 0)).toBeWithin(1400, 1900);
});
