import type { Database } from "../../db/client.ts";
import { camelCased } from "../../db/rows.ts";
import { eventColumns, type StoredEvent } from "../../server/realtime/events.ts";
import type { StreamFilter } from "../../server/realtime/log.ts";
import type { personClient } from "../support/sign-in.ts";
import type { Shown } from "./rows.ts";

type Api = ReturnType<typeof personClient>;

export interface Truth {
  /** Where the log was, before and after. */
  position: string;
  /** All from the number that was asked for, but those of the heavy channel. */
  events: StoredEvent[];
  /** Each entity that these events speak of, as the database holds it; undefined when it was deleted. */
  rows: Map<string, unknown>;
}

/** What nobody subscribes to but those who lag, and what is too much to be read at once. */
export const heavyChannel = "comments";

export async function readTruth(db: Database, api: Api, from: number): Promise<Truth> {
  const position = await positionOf(db);
  const found = await db.query<object>(
    `select ${eventColumns} from events where seq >= $1 and channel <> '${heavyChannel}' order by seq`,
    [from],
  );
  const events = found.map((row) => camelCased<StoredEvent>(row));
  // Some entities are only in the log: there, the newest revision is all there is.
  const rows = new Map<string, unknown>();
  for (const { entityId, type, json } of events.toSorted((a, b) => a.revision - b.revision)) {
    rows.set(entityId, type.endsWith("_deleted") ? undefined : JSON.parse(json));
  }
  const there = await readEverything(db, api);
  for (const { entityId, data } of there) if (rows.has(entityId)) rows.set(entityId, data);
  return { position, events, rows };
}

/** Every workflow, task and agent as `byId` answers, without what it adds to the row; what is in the bin has no data. */
export async function readEverything(db: Database, api: Api): Promise<Shown[]> {
  const ids = async (table: string) =>
    (await db.query<{ id: string }>(`select id from ${table}`)).map(({ id }) => ({ id }));
  const [workflows, tasks, agents] = await Promise.all([ids("workflows"), ids("tasks"), ids("agents")]);
  return Promise.all([
    ...workflows.map(async (ref) => shown(await api.workflows.byId.query(ref), addedTo.workflow)),
    ...tasks.map(async (ref) => shown(await api.tasks.byId.query(ref), addedTo.task)),
    ...agents.map(async (ref) => shown(await api.agents.byId.query(ref), addedTo.agent)),
  ]);
}

const addedTo = {
  workflow: ["owner", "liveRuns", "pendingSuggestions"],
  task: ["workflow", "agent", "assignedAgent", "takenBy", "currentRun", "dependencies", "dependents"],
  agent: ["liveRuns", "liveTasks", "calibration"],
};

function shown(detail: { id: string; revision: number; deletedAt?: Date | null }, added: string[]): Shown {
  const row = Object.fromEntries(Object.entries(detail).filter(([key]) => !added.includes(key)));
  return { entityId: detail.id, revision: detail.revision, data: detail.deletedAt ? undefined : row };
}

/** Changes with every commit. */
export async function positionOf(db: Database): Promise<string> {
  const [row] = await db.query<{ position: string }>("select max(seq) || ', ' || count(*) as position from events");
  return row?.position ?? "";
}

/** By what the documentation says of a filter. */
export const isFor = ({ channels, workflowId, taskId }: StreamFilter, event: StoredEvent): boolean =>
  (channels === undefined || channels.includes(event.channel)) &&
  (workflowId === undefined || workflowId === event.workflowId) &&
  (taskId === undefined || taskId === event.taskId);
