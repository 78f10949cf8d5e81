import { afterAll, expect, test } from "bun:test";
import type { StreamFilter } from "../../server/realtime/log.ts";
import { prune } from "../../server/workers/retention.ts";
import { until } from "../support/until.ts";
import { type Seated, seatAll } from "./audience.ts";
import { cutter, disturbed, flooder } from "./disturbances.ts";
import { commitBehind, NaiveReader } from "./naive.ts";
import { differences } from "./rows.ts";
import { openStage, randomOf, type Stage, seed } from "./stage.ts";
import { heavyChannel, isFor, positionOf, readEverything, readTruth, type Truth } from "./truth.ts";
import type { Viewer } from "./viewers.ts";
import { people, writerInDisorder } from "./writers.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test(`through kills, stops, cuts and a lost Redis every viewer sees every committed event (seed ${seed})`, async () => {
  const stage = await openStage((clean) => cleanups.push(clean));
  const { db } = stage;
  const api = stage.apiOf(randomOf("the test itself"));
  const create = (name: string) =>
    api().workflows.create.mutate({ name, tasks: [0, 1].map((i) => ({ key: `t${i}`, name: `Task ${i}` })) });
  const [workflow, other] = [await create("Watched"), await create("Other")];
  const taskIds = [...workflow.tasks, ...other.tasks].map(({ id }) => id);
  const { agent } = await api().agents.create.mutate({ name: "steered" });
  const { viewers, laggards, absent } = await seatAll(stage, {
    workflowId: workflow.id,
    taskId: workflow.tasks[0]?.id ?? "",
  });

  // Every viewer is connected from here on.
  await api().workflows.update.mutate({ id: workflow.id, name: "Watched by all" });
  const from = await numberOfLast(stage, workflow.id);
  await until("those who will be away have seen the beginning", () =>
    absent.every(({ viewer }) => viewer.history.hasAll([from])),
  );
  for (const { line } of absent) line.refuse(true);

  const naive = new NaiveReader(db);
  const loops = [
    ...people(stage, { taskIds, workflowIds: [workflow.id, other.id], agentId: agent.id }),
    ...Array.from({ length: 8 }, (_, i) => writerInDisorder(db, `disorder-${i}`)),
    cutter(viewers.map(({ line }) => line)),
    flooder(
      db,
      laggards.map(({ line }) => line),
    ),
    () => naive.read(),
  ];
  const [committedLate] = await Promise.all([commitBehind(naive), disturbed(stage, loops)]);
  await naive.read();

  const truth = await judged(stage, from, viewers, (truth) => {
    for (const { viewer } of viewers) {
      expect(findings(viewer, truth, from)).toEqual({ name: viewer.name, wrong: [], differing: [], resets: 0 });
    }
  });
  const heavy = await heavyNumbers(stage);
  const lag = () => laggards.every(({ viewer }) => viewer.history.hasAll(heavy));
  await until("the laggards have all, too", lag).catch(() => {});
  for (const { viewer } of laggards) {
    const { name, history, resets } = viewer;
    const wrong = history.verdict(heavy).slice(0, 10);
    expect({ name, wrong, resets: resets() }).toEqual({ name, wrong: [], resets: 0 });
  }

  // Otherwise this would have tried nothing: whoever only looks ahead misses what all of them have seen.
  const overlooked = truth.events.filter(({ seq }) => !naive.seqs.has(seq)).map(({ seq }) => seq);
  expect(overlooked).toContain(committedLate);
  expect(heavy.length).toBeGreaterThan(100);
  expect(truth.events.length).toBeGreaterThan(200);
  expect(truth.events.filter(({ type }) => type === "task_deleted").length).toBeGreaterThan(0);
  for (const { viewer } of viewers) expect(owed(viewer.filter, truth).length).toBeGreaterThan(3);
  const connections = viewers.reduce((sum, { viewer }) => sum + viewer.connections(), 0);
  expect(connections).toBeGreaterThan(viewers.length * 2);
  const repeated = viewers.reduce((sum, { viewer }) => sum + viewer.history.duplicates, 0);
  console.log(
    `  seed ${seed}: ${truth.events.length} events of ${truth.rows.size} entities and ${heavy.length} heavy ones, ${viewers.length} viewers, ${connections} connections, ${repeated} repeated, ${overlooked.length} missed by the naive reader`,
  );

  await awayForTooLong(stage, absent, taskIds);
  for (const { viewer } of [...viewers, ...laggards]) expect([viewer.name, viewer.resets()]).toEqual([viewer.name, 0]);
}, 120_000);

/** What they have missed is no longer kept when they come back. */
async function awayForTooLong(stage: Stage, absent: Seated[], taskIds: string[]): Promise<void> {
  const { db } = stage;
  const api = stage.apiOf(randomOf("after the reset"));
  await prune(db, 20);
  const isStale = async ({ viewer }: Seated) => differences(viewer.rows, await everything(stage)).length > 0;
  for (const seated of absent) expect([seated.viewer.resets(), await isStale(seated)]).toEqual([0, true]);

  for (const { line } of absent) line.refuse(false);
  // Over `/ws` every channel says it for itself.
  const told = ({ viewer }: Seated) => (viewer.name.includes("plain") ? (viewer.filter.channels?.length ?? 0) : 1);
  await until("they were told to load anew, and have", () =>
    absent.every((seated) => seated.viewer.resets() === told(seated) && seated.viewer.isLoaded()),
  );
  const [last, removed] = [await numberOfLast(stage), taskIds[0] ?? ""];
  for (const id of taskIds) await api().tasks.update.mutate({ id, name: "After the reset" });
  await api().tasks.remove.mutate({ id: removed });

  await judged(stage, last + 1, absent, async (truth) => {
    const rows = await everything(stage);
    const ids = [...rows].flatMap(([id, row]) => (row === undefined ? [] : [id])).sort();
    expect(ids).not.toContain(removed);
    for (const seated of absent) {
      const { name, rows: held } = seated.viewer;
      const { wrong, resets } = findings(seated.viewer, truth, last + 1);
      const found = { name, wrong, resets, differing: differences(held, rows).slice(0, 3), ids: held.ids().sort() };
      expect(found).toEqual({ name, wrong: [], resets: told(seated), differing: [], ids });
    }
  });
}

/** Judges by what the database holds, when all have caught up; once more when something was committed meanwhile. */
function judged({ db, apiOf }: Stage, from: number, seats: Seated[], judge: (truth: Truth) => unknown): Promise<Truth> {
  const api = apiOf(randomOf("truth"))();
  const look = async () => {
    const truth = await readTruth(db, api, from);
    const isServed = ({ viewer }: Seated) => viewer.history.hasAll(owed(viewer.filter, truth).map(({ seq }) => seq));
    // If they do not, the verdict says what is missing.
    await until("all have caught up", () => seats.every(isServed)).catch(() => {});
    const outcome = await attempt(() => judge(truth));
    if ((await positionOf(db)) !== truth.position) return false;
    outcome();
    return truth;
  };
  return until("the log stands still while it is judged", look, 60);
}

/** What came of it, to be known later. */
async function attempt(work: () => unknown): Promise<() => void> {
  try {
    await work();
    return () => {};
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

const owed = (filter: StreamFilter, { events }: Truth) => events.filter((event) => isFor(filter, event));

/** By its history, exactly the events of its filter; by its rows, each entity that these speak of as the database has it. */
function findings({ name, filter, history, rows, resets }: Viewer, truth: Truth, from: number) {
  const events = owed(filter, truth);
  const seqs = events.map(({ seq }) => seq);
  const wrong = history.verdict(seqs, from);
  const expected = new Map(events.map(({ entityId }) => [entityId, truth.rows.get(entityId)]));
  return { name, wrong: wrong.slice(0, 10), differing: differences(rows, expected).slice(0, 3), resets: resets() };
}

async function everything({ db, apiOf }: Stage): Promise<Map<string, unknown>> {
  const read = await readEverything(db, apiOf(randomOf("everything"))());
  return new Map(read.map(({ entityId, data }) => [entityId, data]));
}

async function numberOfLast({ db }: Stage, entityId: string | null = null): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    "select max(seq) as seq from events where entity_id = $1::uuid or $1::uuid is null",
    [entityId],
  );
  return row?.seq ?? 0;
}

const heavyNumbers = async ({ db }: Stage) =>
  (await db.query<{ seq: number }>("select seq from events where channel = $1 order by seq", [heavyChannel])).map(
    ({ seq }) => seq,
  );
