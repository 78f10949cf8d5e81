import superjson, { type SuperJSONResult } from "superjson";
import type { Envelope, EventType, StoredEvent } from "./events.ts";

type Shared = Omit<Envelope, "id" | "prev">;

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
