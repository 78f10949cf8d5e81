import { describe, expect, test } from "bun:test";
import type { Envelope } from "../../server/realtime/events.ts";
import { retryDelayMs } from "./back-off.ts";
import { LiveStore, patchRows } from "./live-store.ts";
import { sampleEnvelope } from "./live-testing.ts";

let seq = 0;
const event = (id: string, revision: number, data: object, type: Envelope["type"] = "task_update"): Envelope => ({
  ...sampleEnvelope(id, ++seq),
  type,
  revision,
  data: { id, revision, ...data },
});

interface Row {
  id: string;
  revision: number;
  status: string;
}
const rule = {
  belongs: (row: Row) => row.status === "pending",
  toRow: (data: unknown) => data as Row,
  compare: (a: Row, b: Row) => a.id.localeCompare(b.id),
};
const shown = (store: LiveStore, rows: Row[]) => patchRows(rows, store.patches("task"), rule).map((row) => row.id);
const rows: Row[] = [
  { id: "a", revision: 2, status: "pending" },
  { id: "c", revision: 1, status: "pending" },
];

describe("the live store", () => {
  test("brings in rows that match the list, takes out rows that no longer do, and ignores older revisions", () => {
    const store = new LiveStore();
    store.receive(event("b", 1, { status: "pending" }));
    store.receive(event("c", 2, { status: "completed" }));
    store.receive(event("a", 1, { status: "completed" }));
    store.flush();
    expect(shown(store, rows)).toEqual(["a", "b"]);
  });

  test("shows only the newest of many changes to a row, whatever their order", () => {
    const store = new LiveStore();
    store.receive(event("a", 5, { status: "pending" }));
    store.receive(event("a", 4, { status: "completed" }));
    store.flush();
    expect(shown(store, rows)).toEqual(["a", "c"]);
  });

  test("a deleted row goes", () => {
    const store = new LiveStore();
    store.receive(event("a", 3, {}, "task_deleted"));
    store.flush();
    expect(shown(store, rows)).toEqual(["c"]);
  });

  test("shows nothing new while a card is in the hand, and all of it when it is let go", () => {
    const store = new LiveStore();
    store.hold();
    store.receive(event("a", 3, { status: "failed" }));
    store.receive(event("b", 1, { status: "pending" }));
    expect(store.flush()).toBe(false);
    expect(shown(store, rows)).toEqual(["a", "c"]);
    store.release();
    expect(store.flush()).toBe(true);
    expect(shown(store, rows)).toEqual(["b", "c"]);
  });

  test("forgets what newly read rows already hold, and nothing that was committed after they were asked for", () => {
    const store = new LiveStore();
    store.receive(event("b", 1, { status: "pending" }));
    const cursor = `log.${seq}`;
    store.receive(event("d", 1, { status: "pending" }));
    store.flush();
    store.forgetThrough(cursor);
    expect(shown(store, rows)).toEqual(["a", "c", "d"]);
  });

  test("forgets nothing by a cursor that it cannot read", () => {
    const store = new LiveStore();
    store.receive(event("b", 1, { status: "pending" }));
    store.flush();
    store.forgetThrough("of another make");
    expect(shown(store, rows)).toEqual(["a", "b", "c"]);
  });

  test("says when it holds more than is worth keeping", () => {
    const store = new LiveStore();
    for (let i = 0; i < 2000; i++) store.receive(event(`row-${i}`, 1, {}));
    for (let i = 0; i < 2000; i++) store.receive(event(`row-${i}`, 2, {}));
    expect(store.isOverfull()).toBe(false);
    store.receive(event("one more", 1, {}));
    expect(store.isOverfull()).toBe(true);
    store.clear();
    expect(store.isOverfull()).toBe(false);
  });
});

test("the wait before a retry is spread over the whole doubled step and capped", () => {
  expect(retryDelayMs(0, () => 0.5)).toBe(250);
  expect(retryDelayMs(3, () => 0.999)).toBe(3996);
  expect(retryDelayMs(30, () => 0.5)).toBe(2_500);
  expect(retryDelayMs(5, () => 0)).toBe(0);
});
