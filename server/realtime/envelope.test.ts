import { expect, test } from "bun:test";
import superjson from "superjson";
import { envelopeOf, serializeTracked } from "./envelope.ts";
import { sampleEvent } from "./testing.ts";

// Undefined is one of the things that superjson keeps apart.
const event = sampleEvent({ createdAt: new Date(0), startedAt: null, note: undefined });

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
