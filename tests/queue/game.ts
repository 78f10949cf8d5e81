import type { AgentActor, PersonActor } from "../../server/services/context.ts";
import { ClaimFloors } from "../../server/services/tasks/claim-floor.ts";
import type { TestHost } from "../../server/services/testing.ts";
import { wakeFor } from "../../server/services/wake.ts";
import { createWorkflow } from "../../server/services/workflows/create.ts";
import type { Call } from "./calls.ts";
import { setClockError, trueNow } from "./clock.ts";
import { type Facts, readFacts } from "./facts.ts";
import { get, type Model, type ModelRun, type ModelTask } from "./model.ts";
import { newTask } from "./rules.ts";
import { type Server, startServer } from "./servers.ts";

/** Two numbers that say who and what, so that fast-check can shrink a whole history. */
export interface Choice {
  a: number;
  b: number;
}

export const realNow = trueNow;

export function pick<Item>(items: readonly Item[], n: number): Item {
  if (items.length === 0) throw new Error("There is nothing to pick from");
  // A remainder is a place in the list.
  return items[n % items.length] as Item;
}

/** Often a key, and often one that was used before, mostly by the same kind of call. */
export const keyFor = (game: Game, { a, b }: Choice): string | undefined =>
  b % 2 === 0 ? undefined : `${game.model.workflow.id} ${b % 3 === 0 ? a % 2 : `new ${game.next()}`}`;

/** One history: a workflow, those who play on it, two servers, and the model of what should come of it. */
export class Game {
  servers: Server[] = [];
  readonly #started: Server[] = [];
  agents: AgentActor[] = [];
  /** Calls that were sent, or only will be: any of them may arrive, again, at any later moment. */
  mail: Call[] = [];
  /** What happened, for people. */
  story: string[] = [];
  facts: Facts = { tasks: [], runs: [], suggestions: [], comments: [], workflow: { isDeleted: false } };
  readonly startedAt = performance.now();
  #pages = new Map<string, { revision: number; actions: number }>();
  #count = 0;

  private constructor(
    readonly fleet: TestHost,
    readonly person: PersonActor,
    public model: Model,
  ) {}

  static async start(fleet: TestHost, { isFailFast }: { isFailFast: boolean }): Promise<Game> {
    const person = await fleet.person();
    const workflow = await createWorkflow(person, {
      name: "A history",
      failurePolicy: isFailFast ? "fail_fast" : "continue",
      tasks: firstTasks.map(({ needs, after, ...task }, i) => ({
        ...task,
        key: `${i}`,
        name: `T${i + 1}`,
        requiredCapabilities: needs,
        dependsOn: after,
      })),
    });
    const idOf = (key: string) => workflow.tasks.find((task) => task.key === key)?.id ?? "";
    const model: Model = {
      now: 0,
      workflow: { id: workflow.id, status: "running", isFailFast, isDeleted: false },
      tasks: new Map(),
      runs: new Map(),
      agents: new Map(),
      suggestions: new Map(),
      comments: new Map(),
      keys: new Map(),
      claims: new Map(),
    };
    for (const [i, { needs, after, ...task }] of firstTasks.entries()) {
      const id = idOf(`${i}`);
      const priority = ["high", "medium", "low"].indexOf(task.priority);
      const { maxAttempts, timeoutSeconds: timeout, queueTtlSeconds: queueTtl, dueDate } = task;
      model.tasks.set(
        id,
        newTask({ id, priority, needs, maxAttempts, timeout, queueTtl, dueDate, dependsOn: after.map(idOf) }),
      );
    }
    const game = new Game(fleet, person.actor, model);
    for (const [i, { capabilities, maxConcurrent }] of firstAgents.entries()) {
      const { actor } = await fleet.agent(`A${i + 1}`, capabilities, maxConcurrent);
      game.agents.push(actor);
      const { id, name } = actor;
      model.agents.set(id, { id, name, capabilities, maxConcurrent, desired: "active" });
    }
    game.servers = [await game.startServer(), await game.startServer()];
    await game.look();
    return game;
  }

  /** A server that hears of what the others commit. */
  async startServer(): Promise<Server> {
    const server = await startServer(this.fleet, (events) => {
      for (const server of this.servers) for (const event of events) wakeFor(server, event);
    });
    this.#started.push(server);
    return server;
  }

  /** A second goes by, and no server knows any more where claims may begin to look. */
  forgetFloors(): void {
    for (const server of this.servers) server.floors = new ClaimFloors();
  }

  /** A number that was never used in this history. */
  next(): number {
    return ++this.#count;
  }

  label(id: string): string {
    const { tasks, runs, suggestions } = this.model;
    const kinds = { T: tasks, R: runs, S: suggestions };
    for (const [letter, rows] of Object.entries(kinds)) {
      const place = [...rows.keys()].indexOf(id);
      if (place >= 0) return `${letter}${place + 1}`;
    }
    return id;
  }

  agentOf(id: string): AgentActor {
    const agent = this.agents.find((one) => one.id === id);
    if (!agent) throw new Error("Only the players of this history hold runs");
    return agent;
  }

  taskAt({ a }: Choice): ModelTask {
    return pick([...this.model.tasks.values()], a);
  }

  /** Mostly a live run; else any that its agent has not forgotten, however long ago: agents that come back late are the point. */
  runAt({ b }: Choice): ModelRun | undefined {
    const known = [...this.model.runs.values()].filter((run) => !run.isForgotten);
    const live = known.filter((run) => run.outcome === null);
    if (live.length > 0 && b % 3 !== 0) return pick(live, b);
    return known[b % Math.max(1, known.length)];
  }

  /** Sometimes the page of a person who has not reloaded it for a while. */
  seenOf(choice: Choice): { revision: number; actions: number } | undefined {
    return choice.b % 5 === 0 ? this.#pages.get(this.taskAt(choice).id) : undefined;
  }

  async look(): Promise<Facts> {
    this.facts = await readFacts(this.fleet.db, this.model.workflow.id);
    return this.facts;
  }

  /** Somebody opens every task's page, and leaves it open. */
  openPages(): void {
    for (const { id, revision } of this.facts.tasks) {
      this.#pages.set(id, { revision, actions: get(this.model.tasks, id).actions.length });
    }
  }

  /** Seconds that the history has really taken: by so much may the tables' times be ahead of the model's. */
  get slack(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Moves all times of the history back by so much, which nothing in the product can tell from waiting. */
  async shiftTimes(seconds: number): Promise<void> {
    const { db } = this.fleet;
    const { id } = this.model.workflow;
    const back = (column: string) => `${column} = ${column} - make_interval(secs => $2)`;
    const ofTask = "task_id in (select id from tasks where workflow_id = $1)";
    await db.query(
      `update task_runs set ${["lease_expires_at", "claimed_at", "deadline_at"].map(back)} where ended_at is null and ${ofTask}`,
      [id, seconds],
    );
    await db.query(
      `update tasks set ${["created_at", "started_at", "completed_at", "updated_at", "queue_expires_at"].map(back)} where workflow_id = $1`,
      [id, seconds],
    );
    await db.query(
      `update suggestions set ${["created_at", "updated_at", "decided_at", "expires_at"].map(back)} where ${ofTask}`,
      [id, seconds],
    );
    await db.query("update agents set last_seen = last_seen - make_interval(secs => $2) where id = any($1::uuid[])", [
      this.agents.map((agent) => agent.id),
      seconds,
    ]);
  }

  async endLeases(): Promise<void> {
    await this.fleet.db.query(
      `update task_runs set lease_expires_at = least(lease_expires_at, now() - interval '1 minute')
       where ended_at is null and task_id in (select id from tasks where workflow_id = $1)`,
      [this.model.workflow.id],
    );
  }

  async endBackOffs(): Promise<void> {
    // A wait in the queue is measured from the end of the back-off.
    await this.fleet.db.query(
      `update tasks set queue_after = null, queue_expires_at = now() + make_interval(secs => queue_ttl_seconds)
       where workflow_id = $1 and queue_after is not null`,
      [this.model.workflow.id],
    );
  }

  /** Leaves nothing behind that the next history would see, whatever the product has made of this one. */
  async end(): Promise<void> {
    setClockError(0);
    for (const server of this.#started) {
      server.calm();
      await server.background.drain();
    }
    const { db } = this.fleet;
    const { id } = this.model.workflow;
    await db.query(
      `update task_runs set ended_at = now(), outcome = 'cancelled'
       where ended_at is null and task_id in (select id from tasks where workflow_id = $1)`,
      [id],
    );
    await db.query(`update suggestions set status = 'superseded' where status = 'pending' and workflow_id = $1`, [id]);
    await db.query("update tasks set status = 'cancelled', ready = false, deleted_at = now() where workflow_id = $1", [
      id,
    ]);
    await db.query("update workflows set status = 'cancelled', deleted_at = now() where id = $1", [id]);
    await db.query("update agents set archived_at = now() where id = any($1::uuid[])", [
      this.agents.map((agent) => agent.id),
    ]);
  }
}

const plain = {
  priority: "medium" as const,
  maxAttempts: 2,
  timeoutSeconds: null as number | null,
  queueTtlSeconds: null as number | null,
  dueDate: null as string | null,
};

const firstTasks: {
  priority: "high" | "medium" | "low";
  maxAttempts: number;
  timeoutSeconds: number | null;
  queueTtlSeconds: number | null;
  dueDate: string | null;
  needs: string[];
  after: string[];
}[] = [
  { ...plain, needs: [], after: [] },
  { ...plain, priority: "high", maxAttempts: 1, needs: [], after: [] },
  { ...plain, priority: "low", timeoutSeconds: 700, needs: [], after: [] },
  { ...plain, maxAttempts: 3, queueTtlSeconds: 400, needs: [], after: ["0", "1"] },
  { ...plain, dueDate: "2026-01-31", needs: ["paint"], after: [] },
  { ...plain, timeoutSeconds: 400, needs: [], after: ["3"] },
  { ...plain, queueTtlSeconds: 700, needs: ["paint", "saw"], after: [] },
];

const firstAgents = [
  { capabilities: [], maxConcurrent: 1 },
  { capabilities: ["paint"], maxConcurrent: 2 },
  { capabilities: ["paint", "saw"], maxConcurrent: 3 },
];
