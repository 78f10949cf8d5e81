import type { Channel } from "../../db/enums.ts";
import type { Envelope, StoredEvent } from "./events.ts";
import type { Form } from "./groups.ts";

export interface StreamFilter {
  channels?: Channel[] | undefined;
  workflowId?: string | undefined;
  taskId?: string | undefined;
  /** Resume after this cursor; without it the stream starts now. */
  lastEventId?: string | undefined;
  /** Wants to be told when it has all that it had missed. */
  caughtUp?: boolean | undefined;
}

export function matches({ channels, workflowId, taskId }: StreamFilter, event: StoredEvent): boolean {
  if (channels && !channels.includes(event.channel)) return false;
  if (workflowId && event.workflowId !== workflowId) return false;
  return !taskId || event.taskId === taskId;
}

/**
 * What is said of the stream itself. `connected`: events up to the number `through` are of the past; a second time, with
 * `caughtUp`, when all of them were sent, to whom has asked for that. `reset`: what happened since the cursor cannot be
 * told; load everything anew.
 */
export type StreamMark =
  | { type: "connected"; id: string; through: number; caughtUp?: true }
  | { type: "reset"; id: string };
export type StreamMessage = StreamMark | Envelope;

/** Where a stream's messages go. */
export interface Lane<Out = unknown> {
  form: Form<Out>;
  say(mark: StreamMark): void;
  /** How many of these it took, from the front: fewer than all when so much waits already that it wants no more for now. */
  send(written: Out[]): number;
  /** Resolves when it wants more. */
  drained(): Promise<void>;
}

/** The ordered reader of the event log, one per process. */
export interface Log {
  /** The low-water mark as an opaque cursor: everything at or below it is delivered or dead. Take it before reading rows. */
  cursor(): Promise<string>;
  /** Never brings more than is taken: the rest waits in the table. */
  stream(filter: StreamFilter, signal: AbortSignal): AsyncIterable<StreamMessage>;
  close(): Promise<void>;
}
