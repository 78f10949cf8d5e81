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
    store.receive(event("b", 1, { status: "pending" }), 1);
    store.receive(event("c", 2, { status: "completed" }), 1);
    store.receive(event("a", 1, { status: "completed" }), 1);
    store.flush();
    expect(shown(store, rows)).toEqual(["a", "b"]);
  });

  test("shows only the newest of many changes to a row, whatever their order", () => {
    const store = new LiveStore();
    store.receive(event("a", 5, { status: "pending" }), 1);
    store.receive(event("a", 4, { status: "completed" }), 1);
    store.flush();
    expect(shown(store, rows)).toEqual(["a", "c"]);
  });

  test("a deleted row goes", () => {
    const store = new LiveStore();
    store.receive(event("a", 3, {}, "task_deleted"), 1);
    store.flush();
    expect(shown(store, rows)).toEqual(["c"]);
  });

  test("shows nothing new while a card is in the hand, and all of it when it is let go", () => {
    const store = new LiveStore();
    store.hold();
    store.receive(event("a", 3, { status: "failed" }), 1);
    store.receive(event("b", 1, { status: "pending" }), 1);
    expect(store.flush()).toBe(false);
    expect(shown(store, rows)).toEqual(["a", "c"]);
    store.release();
    expect(store.flush()).toBe(true);
    expect(shown(store, rows)).toEqual(["b", "c"]);
  });

  test("forgets what newly read rows already hold", () => {
    const store = new LiveStore();
    store.receive(event("b", 1, { status: "pending" }), 10);
    store.receive(event("d", 1, { status: "pending" }), 30);
    store.flush();
    store.forgetBefore(20);
    expect(shown(store, rows)).toEqual(["a", "c", "d"]);
  });
});

test("the wait before a retry is spread over the whole doubled step and capped", () => {
  expect(retryDelayMs(0, () => 0.5)).toBe(250);
  expect(retryDelayMs(3, () => 0.999)).toBe(3996);
  expect(retryDelayMs(30, () => 0.5)).toBe(15_000);
  expect(retryDelayMs(5, () => 0)).toBe(0);
});
