import { expect, test } from "bun:test";
import superjson from "superjson";
import { commonOf, envelopeOf } from "./envelope.ts";
import { plainForm, trackedForm } from "./forms.ts";
import { sampleEvent } from "./testing.ts";

const event = sampleEvent({ createdAt: new Date(0), startedAt: null, note: undefined });
const places = [
  { id: "log.7", prev: null },
  { id: "log.5", prev: 4 },
];

test.each([1, "one"])(
  "the text for tRPC's clients says what tRPC itself would say to subscription %p",
  (subscription) => {
    for (const place of places) {
      const data = superjson.serialize({ id: place.id, data: envelopeOf(event, place) });
      const text = trackedForm(subscription).write(commonOf(event), place);
      expect(JSON.parse(text)).toEqual({
        id: subscription,
        result: { type: "data", id: place.id, data: JSON.parse(JSON.stringify(data)) },
      });
    }
  },
);

test("the plain text is the envelope as JSON", () => {
  for (const place of places) {
    const text = plainForm.write(commonOf(event), place);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(envelopeOf(event, place))));
  }
});
