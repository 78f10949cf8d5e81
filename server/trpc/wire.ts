import superjson from "superjson";
import { serializeTracked } from "../realtime/envelope.ts";
import type { Envelope } from "../realtime/events.ts";
import { serialize } from "../services/serialize.ts";

/** superjson, and for live events the form that all subscribers of the process share. */
export const wire = {
  input: superjson,
  output: {
    serialize: (value: unknown) => (isTracked(value) ? serializeTracked(value.id, value.data) : serialize(value)),
    deserialize: superjson.deserialize,
  },
};

/** What tRPC makes of `tracked(id, envelope)`; only an envelope has a predecessor. */
function isTracked(value: unknown): value is { id: string; data: Envelope } {
  if (typeof value !== "object" || value === null || !("id" in value) || !("data" in value)) return false;
  const { data } = value;
  return typeof data === "object" && data !== null && "prev" in data && "seq" in data;
}
