import { type Common, serializeTracked } from "./envelope.ts";
import type { Form } from "./groups.ts";

interface Pieces {
  /** The event as JSON, without the closing brace: cursor and predecessor go there. */
  body: string;
  /** superjson's notes on types. */
  meta: string;
}

const tracked = new WeakMap<Common, Pieces>();
const plain = new WeakMap<Common, string>();

/** A subscription's event as tRPC puts it on a WebSocket. Only the subscription's id keeps two clients' texts apart. */
export function trackedForm(subscription: number | string): Form {
  const subscriptionId = JSON.stringify(subscription);
  return {
    key: `trpc ${subscriptionId}`,
    write(event, at) {
      const { body, meta } = trackedPieces(event);
      const id = JSON.stringify(at.id);
      const data = `{"json":{"id":${id},"data":${body},"id":${id},"prev":${at.prev}}}${meta}}`;
      return `{"id":${subscriptionId},"result":{"type":"data","data":${data},"id":${id}}}`;
    },
  };
}

/** An event as JSON of its own. */
export const plainForm: Form = {
  key: "plain",
  write(event, { id, prev }) {
    let body = plain.get(event);
    if (!body) {
      body = JSON.stringify(event).slice(0, -1);
      plain.set(event, body);
    }
    return `${body},"id":${JSON.stringify(id)},"prev":${prev}}`;
  },
};

function trackedPieces(event: Common): Pieces {
  let pieces = tracked.get(event);
  if (!pieces) {
    const { json, meta } = serializeTracked("", { ...event, id: "", prev: null });
    // Made by superjson of the object above, so it has the same fields.
    const { id: _, prev: __, ...rest } = (json as unknown as { data: { id: string; prev: null } }).data;
    pieces = { body: JSON.stringify(rest).slice(0, -1), meta: meta ? `,"meta":${JSON.stringify(meta)}` : "" };
    tracked.set(event, pieces);
  }
  return pieces;
}
