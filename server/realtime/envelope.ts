import superjson, { type SuperJSONResult } from "superjson";
import type { Envelope, EventType, StoredEvent } from "./events.ts";

type Shared = Omit<Envelope, "id" | "prev">;

/** By the event's data: one object for all subscribers of the process. */
const serialized = new WeakMap<object, SuperJSONResult>();
const shared = new WeakMap<StoredEvent, Shared>();

/** What one subscriber receives. All but the cursor and the predecessor is made once per event and process. */
export function envelopeOf(event: StoredEvent, { id, prev }: { id: string; prev: number | null }): Envelope {
  let common = shared.get(event);
  if (!common) {
    common = sharedOf(event);
    shared.set(event, common);
  }
  return { ...common, id, prev };
}

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

function sharedOf(event: StoredEvent): Shared {
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
    data: superjson.deserialize(event.data as SuperJSONResult),
  };
}
