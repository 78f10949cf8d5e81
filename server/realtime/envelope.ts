import superjson, { type SuperJSONResult } from "superjson";
import type { Envelope, EventType, StoredEvent } from "./events.ts";

/** An event as all its subscribers get it, without what each stream adds. */
type Common = Omit<Envelope, "id" | "prev">;

/** By the event's data: one object for all subscribers of the process. */
const serialized = new WeakMap<object, SuperJSONResult>();
const commons = new WeakMap<StoredEvent, Common>();

/** What one subscriber receives. */
export function envelopeOf(event: StoredEvent, { id, prev }: { id: string; prev: number | null }): Envelope {
  let common = commons.get(event);
  if (!common) {
    common = { ...routingOf(event), data: superjson.deserialize(dataOf(event)) };
    commons.set(event, common);
  }
  return { ...common, id, prev };
}

/** All but the data. */
export function routingOf(event: StoredEvent): Omit<Common, "data"> {
  return {
    seq: event.seq,
    // Written by `mutate` from the list of events.
    type: event.type as EventType,
    channel: event.channel,
    entityId: event.entityId,
    workflowId: event.workflowId,
    taskId: event.taskId,
    revision: event.revision,
    at: event.at,
    actor: { type: event.actorType, id: event.actorId, name: event.actorName },
  };
}

/** The data in superjson's form. */
export const dataOf = ({ json, meta }: StoredEvent): SuperJSONResult => ({
  json: JSON.parse(json),
  ...(meta && { meta: JSON.parse(meta) }),
});

/**
 * A tracked envelope in superjson's form. Walking a row for its types costs 25 µs, far more than writing it out, so
 * the walk is done for the first subscriber; the others differ by cursor and predecessor, which need no types.
 */
export function serializeTracked(id: string, envelope: Envelope): SuperJSONResult {
  const { data, prev } = envelope;
  if (typeof data !== "object" || data === null) return superjson.serialize({ id, data: envelope });
  let form = serialized.get(data);
  if (!form) {
    form = superjson.serialize({ id, data: envelope });
    serialized.set(data, form);
  }
  const first = form.json as { data: object };
  return { ...form, json: { id, data: { ...first.data, id: envelope.id, prev } } as object as SuperJSONResult["json"] };
}
