import { expect, test } from "bun:test";
import superjson from "superjson";
import { envelopeOf, serializeTracked } from "./envelope.ts";
import type { StoredEvent } from "./events.ts";

const event: StoredEvent = {
  seq: 7,
  type: "task_update",
  channel: "tasks",
  entityId: "0190a0a0-0000-7000-8000-000000000001",
  workflowId: null,
  taskId: "0190a0a0-0000-7000-8000-000000000001",
  revision: 3,
  actorType: "system",
  actorId: null,
  actorName: "Test",
  at: new Date("2026-01-02T03:04:05Z"),
  // Undefined is one of the things that superjson keeps apart.
  data: superjson.serialize({ name: "Read licences", createdAt: new Date(0), startedAt: null, note: undefined }),
};

test("every subscriber's form says the same as superjson's own, with its cursor and predecessor", () => {
  const first = envelopeOf(event, { id: "log.7", prev: null });
  const second = envelopeOf(event, { id: "log.5", prev: 4 });
  for (const envelope of [first, second]) {
    const form = serializeTracked(envelope.id, envelope);
    expect(form).toEqual(superjson.serialize({ id: envelope.id, data: envelope }));
    expect(superjson.deserialize<object>(form)).toEqual({ id: envelope.id, data: envelope });
  }
  expect(first.data).toBe(second.data);
});
