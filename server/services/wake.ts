import type { StoredEvent } from "../realtime/events.ts";
import type { Host } from "./context.ts";
import type { TaskRow } from "./tasks/task-row.ts";

const isPending = /"status": ?"pending"/;

/**
 * Wakes those whom a committed event concerns, whichever instance committed it: claims that wait for work when a task
 * may be claimed (at the end of its back-off, measured from the event's own time), agents when a person has decided.
 */
export function wakeFor(host: Pick<Host, "work" | "decisions" | "floors">, event: StoredEvent): void {
  if (event.type === "task_created" || event.type === "task_update") {
    // Most rows need no reading: nobody waits for a task that is under way.
    if (!isPending.test(event.json)) return;
    const task = JSON.parse(event.json) as Pick<TaskRow, "number" | "status" | "ready" | "queueRank" | "dueDate"> & {
      queueAfter: string | null;
    };
    if (task.status !== "pending" || !task.ready) return;
    host.floors.include({ rank: task.queueRank, due: task.dueDate ?? "infinity", number: task.number });
    host.work.wakeIn(task.queueAfter ? Date.parse(task.queueAfter) - event.at.getTime() : 0);
  } else if (event.type.startsWith("suggestion_")) {
    host.decisions.wake();
  }
}
