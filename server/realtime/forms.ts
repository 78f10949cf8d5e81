import superjson from "superjson";
import { envelopeOf, routingOf } from "./envelope.ts";
import type { Envelope, StoredEvent } from "./events.ts";
import type { Form } from "./groups.ts";

/** An event as two texts, which every subscriber's message is put together from. */
interface Pieces {
  /** JSON without the closing brace: cursor and predecessor go there. */
  body: string;
  /** superjson's notes on types, or nothing. */
  meta: string;
}

const tracked = new WeakMap<StoredEvent, Pieces>();
const plain = new WeakMap<StoredEvent, string>();

/** The answer to one subscription as tRPC puts it on a WebSocket. Only its id keeps two clients' texts apart. */
export function trackedForm(call: { id: number | string; jsonrpc?: "2.0" | undefined }): Form<string> {
  const head = JSON.stringify({ id: call.id, jsonrpc: call.jsonrpc }).slice(0, -1);
  return {
    key: `trpc ${head}`,
    write(event, at) {
      const { body, meta } = trackedPieces(event);
      const id = JSON.stringify(at.id);
      const data = `{"json":{"id":${id},"data":${body},"id":${id},"prev":${at.prev}}}${meta}}`;
      return `${head},"result":{"type":"data","data":${data},"id":${id}}}`;
    },
  };
}

/** An event as JSON of its own. */
export const plainForm: Form<string> = {
  key: "plain",
  write(event, { id, prev }) {
    let body = plain.get(event);
    if (!body) {
      const isWritten = typesIn(event.meta).plain;
      body = isWritten
        ? bodyOf(event)
        : JSON.stringify({ ...envelopeOf(event, { id, prev }), id: undefined, prev: undefined }).slice(0, -1);
      plain.set(event, body);
    }
    return `${body},"id":${JSON.stringify(id)},"prev":${prev}}`;
  },
};

/** For readers in this process. */
export const envelopeForm: Form<Envelope> = { key: "envelope", write: envelopeOf };

function trackedPieces(event: StoredEvent): Pieces {
  let pieces = tracked.get(event);
  if (!pieces) {
    const { tracked: meta } = typesIn(event.meta);
    pieces = meta === undefined ? walkedPieces(event) : { body: bodyOf(event), meta };
    tracked.set(event, pieces);
  }
  return pieces;
}

/** The event's JSON without the closing brace, its data as it was stored. */
const bodyOf = (event: StoredEvent) => `${JSON.stringify(routingOf(event)).slice(0, -1)},"data":${event.json}`;

/** The same with superjson's own walk, for data whose notes on types cannot simply be moved. */
function walkedPieces(event: StoredEvent): Pieces {
  const { id: _, prev: __, ...rest } = envelopeOf(event, { id: "", prev: null });
  const { json, meta } = superjson.serialize({ data: rest });
  const body = JSON.stringify((json as { data: object }).data).slice(0, -1);
  return { body, meta: meta ? `,"meta":${JSON.stringify(meta)}` : "" };
}

interface Types {
  /** The notes where the data lies inside a tracked envelope; undefined when that is left to superjson. */
  tracked: string | undefined;
  /** Whether the stored JSON is what `JSON.stringify` makes of the data: it has times and plain JSON alone. */
  plain: boolean;
}

/** Rows of one table have the same few sets of types, so their notes are looked into once. */
const known = new Map<string | null, Types>();

function typesIn(meta: string | null): Types {
  let types = known.get(meta);
  if (!types) {
    types = readTypes(meta);
    if (known.size > 1000) known.clear();
    known.set(meta, types);
  }
  return types;
}

function readTypes(text: string | null): Types {
  const { values = {}, v: _, ...others } = JSON.parse(text ?? "{}") as { values?: object; v?: number };
  if (Array.isArray(values) || Object.keys(others).length > 0) return { tracked: undefined, plain: false };
  const moved = Object.entries(values).map(([path, type]) => [`data.data.${path}`, type] as const);
  const meta = { values: { "data.at": ["Date"], ...Object.fromEntries(moved) }, v: 1 };
  return {
    tracked: `,"meta":${JSON.stringify(meta)}`,
    plain: moved.every(([, type]) => JSON.stringify(type) === '["Date"]'),
  };
}
