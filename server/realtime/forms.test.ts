import { expect, test } from "bun:test";
import superjson from "superjson";
import { envelopeOf } from "./envelope.ts";
import { plainForm, trackedForm } from "./forms.ts";
import { sampleEvent } from "./testing.ts";

const shared = { id: 1 };
/** Times alone; what superjson keeps apart; what it writes once. */
const events = [
  sampleEvent({ createdAt: new Date(0), startedAt: null, input: { "a.b": [1] } }),
  sampleEvent({ createdAt: new Date(0), startedAt: null, note: undefined }),
  sampleEvent({ one: shared, two: shared }),
  sampleEvent({}),
];
const places = [
  { id: "log.7", prev: null },
  { id: "log.5", prev: 4 },
];

test.each([1, "one"])(
  "the text for tRPC's clients says what tRPC itself would say to subscription %p",
  (subscription) => {
    for (const [event, place] of events.flatMap((event) => places.map((place) => [event, place] as const))) {
      const data = superjson.serialize({ id: place.id, data: envelopeOf(event, place) });
      const text = trackedForm({ id: subscription }).write(event, place);
      expect(JSON.parse(text)).toEqual({
        id: subscription,
        result: { type: "data", id: place.id, data: JSON.parse(JSON.stringify(data)) },
      });
    }
  },
);

test("the plain text is the envelope as JSON", () => {
  for (const [event, place] of events.flatMap((event) => places.map((place) => [event, place] as const))) {
    const text = plainForm.write(event, place);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(envelopeOf(event, place))));
  }
});
