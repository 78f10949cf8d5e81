import { priorities } from "../../db/enums.ts";
import type { AgentCtx, PersonCtx } from "../../server/services/context.ts";
import { Conflict } from "../../server/services/errors.ts";
import { addTask, addWorkflow } from "../../server/services/tasks/testing.ts";
import type { TestHost } from "../../server/services/testing.ts";
import { rollUp } from "../../server/services/workflows/roll-up.ts";
import type { Model } from "./model.ts";

/** A workflow of its own with the agents and the person that play on it, and the model of what should come of it. */
export interface Game {
  host: TestHost;
  workflowId: string;
  agents: AgentCtx[];
  person: PersonCtx;
  model: Model;
  /** Suggestions that were made, with what people were told became of them. */
  suggestions: Map<string, "pending" | "approved" | "rejected">;
}

/** How many runs each agent may hold at once. */
export const slots = [1, 2, 3];

/** Seven tasks of all priorities; the fourth waits for the first two, and the last one for the fourth. */
export async function startGame(host: TestHost): Promise<Game> {
  const { id: workflowId } = await addWorkflow(host.db);
  const model: Model = { paused: false, tasks: new Map(), runs: new Map() };
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) {
    const dependsOn = ({ 3: ids.slice(0, 2), 6: ids.slice(3, 4) } as Record<number, string[]>)[i] ?? [];
    const rank = (i * 2) % 3;
    const priority = priorities[rank] ?? "medium";
    const task = await addTask(host.db, workflowId, { priority, maxAttempts: 1 + (i % 3), dependsOn });
    ids.push(task.id);
    model.tasks.set(task.id, {
      id: task.id,
      rank,
      status: "pending",
      attempt: 0,
      maxAttempts: task.maxAttempts,
      dependsOn,
      result: null,
      progress: 0,
      isBackingOff: false,
      changes: 0,
    });
  }
  await rollUp(host, workflowId);
  const agents = await Promise.all(slots.map((most) => host.agent(undefined, [], most)));
  return { host, workflowId, agents, person: await host.person(), model, suggestions: new Map() };
}

/** "accepted", or the reason of the refusal; anything but a refusal is a fault. */
export async function answerOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "accepted";
  } catch (error) {
    if (error instanceof Conflict) return error.reason;
    throw error;
  }
}

export function same(what: string, actual: unknown, expected: unknown): void {
  if (Bun.deepEquals(actual, expected)) return;
  throw new Error(`${what}: the product says ${JSON.stringify(actual)}, the model ${JSON.stringify(expected)}`);
}
