import { expect, test } from "bun:test";
import { Chip } from "./chip.ts";
import type { Connection } from "./live-store.ts";

/** A chip, and what it says after each of these. */
function chip() {
  const chip = new Chip();
  let said: Connection = { state: "connecting", behind: 0, since: 0 };
  const after = (happens: (said: Connection) => void) => {
    happens(said);
    said = { ...said, ...chip.next(said) };
    return said.behind > 0 ? `${said.state} ${said.behind}` : said.state;
  };
  return { chip, after };
}

test("says Live when the server has said that all was sent, however long that takes, and not before", () => {
  const { chip: it, after } = chip();
  expect(after((said) => it.connected(9, said))).toBe("connecting");
  expect(after(() => it.caughtUp())).toBe("live");
  expect(after(() => it.disconnected())).toBe("offline");
  expect(after((said) => it.connected(20, said))).toBe("catching-up");
  expect(after(() => it.sawEvent(19))).toBe("catching-up 1");
  expect(after(() => it.sawEvent(20))).toBe("catching-up 2");
  expect(after(() => it.caughtUp())).toBe("live");
  expect(after(() => it.sawEvent(21))).toBe("live");
});

test("a page that is live stays so when it subscribes to something else of which it has all", () => {
  const { chip: it, after } = chip();
  after((said) => it.connected(9, said));
  after(() => it.caughtUp());
  expect(after((said) => it.connected(9, said))).toBe("live");
});

test("rows that are too old are not live before they were read again", () => {
  const { chip: it, after } = chip();
  after((said) => it.connected(9, said));
  after(() => it.caughtUp());
  expect(after(() => it.staled())).toBe("catching-up");
  expect(after(() => it.caughtUp())).toBe("catching-up");
  expect(after(() => it.reloaded())).toBe("live");
});
