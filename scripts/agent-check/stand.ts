import { NotInTime, until } from "../../tests/support/until.ts";
import type { Factory } from "./factory.ts";
import { type Program, startProgram } from "./program.ts";
import { type AgentProxy, startProxy } from "./proxy.ts";
import { counted, Fault } from "./scenario.ts";

export interface ProgramOptions {
  command: string;
  cwd: string;
  /** What the program must be able to do to get the check's tasks. */
  capability: string;
  /** Goes into every task's input, beside `seconds`. */
  input: Record<string, unknown>;
  /** How long it may take to end after SIGTERM. */
  drainSeconds: number;
  /** How long to wait for what should happen. */
  patienceSeconds: number;
  /** Told of every line that the program prints. */
  onLine?: ((line: string) => void) | undefined;
}

/** A copy of the program, with an agent and a way to the server of its own. */
export interface Copy extends Program, Omit<AgentProxy, "url" | "close"> {
  agentId: string;
}

export type Run = Awaited<ReturnType<Factory["person"]["runs"]["byTask"]["query"]>>[number];

/** Where one scenario takes place: tasks that only its own copies of the program get, and the server's records of them. */
export interface Stand {
  factory: Factory;
  drainSeconds: number;
  patienceSeconds: number;
  /** Starts a copy. With `direct` it talks to the server without the proxy between, and its calls are not known. */
  start(options?: { direct?: boolean }): Promise<Copy>;
  /** Adds a task whose work takes so long; answers with its id. */
  addTask(seconds: number): Promise<string>;
  addTasks(count: number, seconds: number): Promise<string[]>;
  /** Resolves when a copy has the task. */
  claimed(taskId: string): Promise<Run>;
  /** Resolves when the task is completed. It may take as long as its work, given in seconds, and our patience. */
  completed(taskId: string, otherwise: string, workSeconds?: number): Promise<void>;
  /** The runs of the task, oldest first. */
  runs(taskId: string): Promise<Run[]>;
  /** How often the audit log has this of the task. */
  recorded(taskId: string, action: string): Promise<number>;
  /** Fails unless the task had one run and was completed once. */
  mustBeDoneOnce(taskId: string): Promise<void>;
  /** Fails with `otherwise` when our patience is at its end, and at once when a copy has ended by itself. */
  until<Answer>(
    otherwise: string,
    ask: () => Promise<Answer | false | undefined> | Answer | false | undefined,
    workSeconds?: number,
  ): Promise<Answer>;
  /** From here on this copy may end. */
  mayEnd(copy: Copy): void;
  /** The last lines that the copies have printed. */
  lastWords(): string[];
}

/** How often the records are looked at. */
const everyMs = 150;

export async function openStand(
  cleanup: AsyncDisposableStack,
  factory: Factory,
  { command, cwd, capability, input, drainSeconds, patienceSeconds, onLine }: ProgramOptions,
  scenario: string,
): Promise<Stand> {
  const { person } = factory;
  // Nobody else has this capability, so scenarios can share a server.
  const own = `${scenario}-${crypto.randomUUID().slice(0, 8)}`;
  const capabilities = [capability, own];
  const { id: workflowId } = await person.workflows.create.mutate({ name: `Check ${own}` });
  const copies = new Set<Copy>();
  const mustLive = new Set<Copy>();
  let started = 0;

  async function start({ direct = false } = {}): Promise<Copy> {
    const name = `${own}, copy ${++started}`;
    const { agent, token } = await person.agents.create.mutate({ name, capabilities });
    const proxy = await startProxy(factory.url);
    cleanup.defer(() => proxy.close());
    const child = startProgram(
      { command, cwd, onLine: (line) => onLine?.(`${scenario.padEnd(11)} │ ${line}`) },
      {
        FACTORY_URL: direct ? factory.url : proxy.url,
        FACTORY_TOKEN: token,
        FACTORY_CAPABILITY: capability,
      },
    );
    cleanup.defer(() => child.kill());
    const copy = { ...child, ...proxy, agentId: agent.id };
    copies.add(copy);
    mustLive.add(copy);
    return copy;
  }

  async function waitFor<Answer>(
    otherwise: string,
    ask: () => Promise<Answer | false | undefined> | Answer | false | undefined,
    workSeconds = 0,
  ): Promise<Answer> {
    const seconds = workSeconds + patienceSeconds;
    const look = async () => {
      const answer = await ask();
      const fallen = [...mustLive].find((copy) => copy.ended());
      if (!answer && fallen) throw new Fault(`${otherwise}: the program ${fallen.ended()} by itself.`);
      return answer;
    };
    try {
      return await until(otherwise, look, seconds, everyMs);
    } catch (error) {
      throw error instanceof NotInTime ? new Fault(`${otherwise} within ${seconds} s.`) : error;
    }
  }

  const runs = async (taskId: string) => (await person.runs.byTask.query({ taskId })).reverse();
  const addTask = async (seconds: number) => {
    const body = { workflowId, name: `Work for ${seconds} s`, requiredCapabilities: capabilities };
    return (await person.tasks.create.mutate({ ...body, input: { ...input, seconds } as never })).id;
  };

  const recorded = async (taskId: string, action: string) =>
    (await person.audit.list.query({ taskId, action })).items.length;

  return {
    factory,
    drainSeconds,
    patienceSeconds,
    start,
    addTask,
    addTasks: (count, seconds) => Promise.all(Array.from({ length: count }, () => addTask(seconds))),
    runs,
    until: waitFor,
    claimed: (taskId) =>
      waitFor("The task was not claimed", async () => (await runs(taskId)).find((run) => run.endedAt === null)),
    completed: async (taskId, otherwise, workSeconds) => {
      const isOver = async () => {
        const { status, failureReason } = await person.tasks.byId.query({ id: taskId });
        if (status === "failed") throw new Fault(`${otherwise}: the task has failed (${failureReason}).`);
        return status === "completed";
      };
      await waitFor(otherwise, isOver, workSeconds);
    },
    recorded,
    async mustBeDoneOnce(taskId) {
      const outcomes = (await runs(taskId)).map((run) => run.outcome ?? "under way");
      const completions = await recorded(taskId, "completed");
      if (outcomes.join() === "succeeded" && completions === 1) return;
      throw new Fault(
        `A task should have one run and be completed once; its runs: ${outcomes.join(", ")}; completed ${counted(completions, "time")}.`,
      );
    },
    mayEnd: (copy) => mustLive.delete(copy),
    lastWords: () => [...copies].flatMap((copy) => copy.lastWords(5)),
  };
}
