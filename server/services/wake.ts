import type { StoredEvent } from "../realtime/events.ts";
import type { Host } from "./context.ts";
import type { TaskRow } from "./tasks/task-row.ts";
import type { Offer, WorkSignal } from "./work-signal.ts";

const isPending = /"status": ?"pending"/;
const agentIds = /"agentId": ?"([0-9a-f-]{36})"/g;

/**
 * Wakes those whom a committed event concerns, whichever instance committed it: claims that wait for work when a task
 * may be claimed (at the end of its back-off, measured from the event's own time), an agent's own ones when it was
 * changed or has a run less, agents when a person has decided.
 */
export function wakeFor(host: Pick<Host, "work" | "decisions" | "floors">, event: StoredEvent): void {
  if (event.type === "task_created" || event.type === "task_update") {
    // Most rows need no reading: nobody waits for a task that is under way, or for the end of its run.
    if (isPending.test(event.json) || concernsAWaitingAgent(host.work, event.json)) wakeForTask(host, event);
  } else if (event.type === "agent_update") {
    host.work.wakeOne(event.entityId);
  } else if (event.type === "task_deleted") {
    // It may have ended a run, and does not say whose.
    host.work.wake();
  } else if (event.type.startsWith("suggestion_")) {
    host.decisions.wake();
  }
}

function concernsAWaitingAgent(work: WorkSignal, json: string): boolean {
  if (!work.isAwaited()) return false;
  for (const [, id] of json.matchAll(agentIds)) if (id && work.isAwaited(id)) return true;
  return false;
}

type Task = Offer &
  Pick<TaskRow, "number" | "status" | "ready" | "queueRank" | "dueDate" | "agentId"> & { queueAfter: string | null };

function wakeForTask({ work, floors }: Pick<Host, "work" | "floors">, event: StoredEvent): void {
  const task = JSON.parse(event.json) as Task;
  if (task.status !== "in_progress" && task.agentId) work.wakeOne(task.agentId);
  if (task.status !== "pending" || !task.ready) return;
  const { requiredCapabilities: needs, queueRank: rank, dueDate, number } = task;
  floors.include({ needs, rank, due: dueDate ?? "infinity", number });
  work.offerIn(task.queueAfter ? Date.parse(task.queueAfter) - event.at.getTime() : 0, task);
}

/** Of back-offs that began before this process was there to hear of them: wakes claims at the end of each, to a quarter of a second. */
export async function wakeAfterBackOffs({ db, work }: Pick<Host, "db" | "work">): Promise<void> {
  const ends = await db.query<{ ms: number }>(
    `select distinct ceil(extract(epoch from queue_after - now()) * 4)::int * 250 as ms from tasks
     where status = 'pending' and ready and queue_after > now()`,
  );
  for (const { ms } of ends) work.wakeIn(ms);
}
