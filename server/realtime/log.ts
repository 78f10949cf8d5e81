import type { Channel } from "../../db/enums.ts";
import type { Envelope } from "./events.ts";
import type { Lane } from "./groups.ts";

export interface StreamFilter {
  channels?: Channel[] | undefined;
  workflowId?: string | undefined;
  taskId?: string | undefined;
  /** Resume after this cursor; without it the stream starts now. */
  lastEventId?: string | undefined;
}

/** `reset`: what happened since the cursor cannot be told. Load everything anew; the stream goes on from now. */
export type StreamMessage = { type: "connected"; id: string } | { type: "reset"; id: string } | Envelope;

/** The subscriber takes its events more slowly than they happen. It may come back with its last cursor. */
export class TooSlow extends Error {
  constructor() {
    super("This subscriber does not keep up. Connect again and resume from the last cursor.");
  }
}

/** The ordered reader of the event log, one per process. */
export interface Log {
  /** The low-water mark as an opaque cursor: everything at or below it is delivered or dead. Take it before reading rows. */
  cursor(): Promise<string>;
  /**
   * Throws `TooSlow` when the subscriber's buffer is full. With a lane, what happens while the subscriber keeps up goes
   * there instead, already written out.
   */
  stream(filter: StreamFilter, signal: AbortSignal, lane?: Lane): AsyncIterable<StreamMessage>;
  close(): Promise<void>;
}
