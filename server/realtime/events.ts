import type { ActorType, Channel } from "../../db/enums.ts";
import type { events } from "../../db/schema/index.ts";

/** Every event there is, and the channel it goes to. */
export const channelOf = {
  workflow_created: "workflows",
  workflow_update: "workflows",
  workflow_deleted: "workflows",
  task_created: "tasks",
  task_update: "tasks",
  task_deleted: "tasks",
  agent_created: "agents",
  agent_update: "agents",
  agent_status: "agents",
  run_update: "tasks",
  run_log: "tasks",
  suggestion_created: "suggestions",
  suggestion_approved: "suggestions",
  suggestion_rejected: "suggestions",
  suggestion_update: "suggestions",
  comment_added: "comments",
  comment_update: "comments",
  comment_deleted: "comments",
  policy_update: "suggestions",
  system_stop: "system",
} as const satisfies Record<string, Channel>;

export type EventType = keyof typeof channelOf;

/**
 * An event of the log. Its data stays the text of superjson's two parts, from the commit to every subscriber: whoever
 * only passes it on parses nothing.
 */
export type StoredEvent = Omit<typeof events.$inferSelect, "data"> & {
  json: string;
  /** Superjson's notes on types; null when there is nothing to note. */
  meta: string | null;
};

/** What a statement selects from `events` for a `StoredEvent`. */
export const eventColumns = `seq, type, channel, entity_id, workflow_id, task_id, revision, actor_type, actor_id, actor_name,
  at, coalesce((data->'json')::text, 'null') as json, (data->'meta')::text as meta`;

/** What a subscriber receives. `id` is the cursor to resume from; `prev` the number of the event before it in its stream. */
export interface Envelope {
  id: string;
  seq: number;
  prev: number | null;
  type: EventType;
  channel: Channel;
  entityId: string;
  workflowId: string | null;
  taskId: string | null;
  revision: number;
  at: Date;
  actor: { type: ActorType; id: string | null; name: string };
  /** The row as `byId` returns it, or `{ id }` for a deletion. */
  data: unknown;
}
