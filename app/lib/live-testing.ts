import type { Envelope } from "../../server/realtime/events.ts";

/** An event about a task as the stream brings it, with this number. */
export const sampleEnvelope = (id: string, seq: number): Envelope => ({
  id: `log.${seq}`,
  seq,
  prev: seq - 1,
  type: "task_update",
  channel: "tasks",
  entityId: id,
  workflowId: null,
  taskId: id,
  revision: 1,
  at: new Date(0),
  actor: { type: "person", id: null, name: "Sample" },
  data: { id },
});
