import type { Channel } from "../../db/enums.ts";
import type { Envelope } from "./events.ts";

export interface StreamFilter {
  channels?: Channel[] | undefined;
  workflowId?: string | undefined;
  taskId?: string | undefined;
  /** Resume after this cursor; without it the stream starts now. */
  lastEventId?: string | undefined;
}

export type StreamMessage = { type: "connected"; id: string } | { type: "reset" } | Envelope;

/** The ordered reader of the event log, one per process. */
export interface Log {
  /** The low-water mark as an opaque cursor: everything at or below it is delivered or dead. Take it before reading rows. */
  cursor(): Promise<string>;
  stream(filter: StreamFilter, signal: AbortSignal): AsyncIterable<StreamMessage>;
  close(): Promise<void>;
}
