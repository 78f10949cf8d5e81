import { sleep } from "../../client/backoff.ts";
import { createCaller } from "../../client/caller.ts";
import { priorities } from "../../db/enums.ts";
import type { personClient } from "../../tests/support/sign-in.ts";
import type { Work } from "./agent.ts";
import type { Ledger } from "./ledger.ts";

type Api = ReturnType<typeof personClient>;
type NewWorkflow = Parameters<Api["workflows"]["create"]["mutate"]>[0];

const mostTasks = 12;
const meanMs = 100;
const mostMs = 1_000;
const timeoutSeconds = 6;

/** Workflows with this many tasks in all, the same for the same seed. */
export function* planWork(tasks: number, { capability, random }: { capability: string; random: () => number }) {
  for (let left = tasks, number = 1; left > 0; number++) {
    const size = Math.min(left, 1 + Math.floor(random() * mostTasks));
    left -= size;
    yield {
      name: `Simulated ${number}, ${capability}`,
      failurePolicy: random() < 0.2 ? "fail_fast" : "continue",
      tasks: Array.from({ length: size }, (_, i) => ({
        key: String(i),
        name: `Simulated ${number}.${i + 1}`,
        priority: priorities[Math.floor(random() * priorities.length)],
        requiredCapabilities: [capability],
        labels: [capability],
        input: { ...workFrom(random) },
        timeoutSeconds,
        dependsOn: dependenciesOf(i, random),
      })),
    } satisfies NewWorkflow;
  }
}

/** Many short ones and a few long ones; one in thirty fails at first, one in a hundred always. */
function workFrom(random: () => number): Work {
  const ms = Math.min(mostMs, Math.round(-Math.log(1 - random()) * meanMs));
  const luck = random();
  if (luck < 0.01) return { ms, fails: "always" };
  return luck < 0.04 ? { ms, fails: "once" } : { ms };
}

/** Up to two of the tasks before it. */
function dependenciesOf(index: number, random: () => number): string[] {
  const drawn = Array.from({ length: Math.floor(random() * 3) }, () => Math.floor(random() * index));
  return index === 0 ? [] : [...new Set(drawn)].map(String);
}

/** Creates the work at an even rate over these seconds, and tells the ledger of what was acknowledged. */
export async function createWork(
  api: Api,
  work: Iterable<NewWorkflow & { tasks: { key: string; name: string; dependsOn: string[] }[] }>,
  { tasks, seconds, ledger, signal }: { tasks: number; seconds: number; ledger: Ledger; signal: AbortSignal },
): Promise<void> {
  const { persist } = createCaller(() => {});
  const start = performance.now();
  for (const workflow of work) {
    const due = start + (ledger.tasks.size / tasks) * seconds * 1000;
    await sleep(Math.max(0, due - performance.now()), signal);
    if (signal.aborted) return;
    const body = { ...workflow, idempotencyKey: crypto.randomUUID() };
    const created = await persist({ signal }, (signal) => api.workflows.create.mutate(body, { signal }));
    const idOf = new Map(created.tasks.map(({ key, id }) => [key, id]));
    for (const { key, name, dependsOn } of workflow.tasks) {
      const before = dependsOn.map((one) => idOf.get(one) ?? "");
      ledger.created(idOf.get(key) ?? "", name, before);
    }
  }
}
