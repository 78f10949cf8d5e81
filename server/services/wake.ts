import type { SuperJSONResult } from "superjson";
import type { StoredEvent } from "../realtime/events.ts";
import type { Host } from "./context.ts";
import type { TaskRow } from "./tasks/task-row.ts";

/**
 * Wakes those whom a committed event concerns, whichever instance committed it: claims that wait for work when a task
 * may be claimed (at the end of its back-off, measured from the event's own time), agents when a person has decided.
 */
export function wakeFor(host: Pick<Host, "work" | "decisions">, event: StoredEvent): void {
  if (event.type === "task_created" || event.type === "task_update") {
    const task = (event.data as SuperJSONResult).json as unknown as Pick<TaskRow, "status" | "ready"> & {
      queueAfter: string | null;
    };
    if (task.status !== "pending" || !task.ready) return;
    host.work.wakeIn(task.queueAfter ? Date.parse(task.queueAfter) - event.at.getTime() : 0);
  } else if (event.type.startsWith("suggestion_")) {
    host.decisions.wake();
  }
}
