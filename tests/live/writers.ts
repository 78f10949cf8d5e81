import type { Database } from "../../db/client.ts";
import { writeEvent } from "../../server/realtime/testing.ts";
import { randomOf, type Stage } from "./stage.ts";

/** Goes on with turn after turn. */
export type Loop = (turn: number) => Promise<unknown>;

/** People's changes, through any of the instances: of tasks that stay, of tasks that come and go, of workflows, of an agent. */
export function people(stage: Stage, of: { taskIds: string[]; workflowIds: string[]; agentId: string }): Loop[] {
  type Change = (api: ReturnType<Stage["apiOf"]>, turn: number, random: () => number) => Promise<unknown>;
  const person = (name: string, change: Change) => async (turn: number) => {
    // Of each turn's own: how far a turn gets must not decide what the next one does.
    const random = randomOf(`${name}, turn ${turn}`);
    const wait = random() * 120;
    // An instance that dies meanwhile leaves it open whether this was done; the log knows.
    await change(stage.apiOf(random), turn, random).catch(() => {});
    await Bun.sleep(wait);
  };
  return [
    ...of.taskIds.map((id, i) =>
      person(`renamer-${i}`, (api, turn) => api().tasks.update.mutate({ id, name: `Name ${i}-${turn}` })),
    ),
    ...[...of.workflowIds, ...of.workflowIds].map((workflowId, i) =>
      person(`keeper-${i}`, async (api, turn, random) => {
        const [isRemoved, isRestored] = [random() < 0.6, random() < 0.3];
        const { id } = await api().tasks.create.mutate({ workflowId, name: `Guest ${i}-${turn}` });
        if (isRemoved) await api().tasks.remove.mutate({ id });
        if (isRemoved && isRestored) await api().tasks.restore.mutate({ id });
      }),
    ),
    ...of.workflowIds.map((id, i) =>
      person(`describer-${i}`, (api, turn) => api().workflows.update.mutate({ id, description: `Version ${turn}` })),
    ),
    person("steerer", (api, turn) => api().agents[turn % 2 ? "resume" : "pause"].mutate({ id: of.agentId })),
  ];
}

class RolledBack extends Error {}

/** Holds commits back, and rolls back after a number was taken; the bus hears nothing of it. */
export function writerInDisorder(db: Database, name: string): Loop {
  const random = randomOf(name);
  const entityId = crypto.randomUUID();
  let revision = 0;
  return async () => {
    const [delay, fate, wait] = [random(), random(), random()];
    await db
      .transaction(async (tx) => {
        await writeEvent(tx, { entityId, revision: revision + 1 });
        if (delay < 0.5) await tx.query("select pg_sleep($1)", [delay / 4]);
        if (fate < 0.2) throw new RolledBack();
      })
      .then(() => revision++)
      .catch((error) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    await Bun.sleep(wait * 100);
  };
}
