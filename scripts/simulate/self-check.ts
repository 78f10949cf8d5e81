import { sleep } from "../../client/backoff.ts";
import type { personClient } from "../../tests/support/sign-in.ts";
import type { Ledger } from "./ledger.ts";
import { brokenPromises, type Records, type Told } from "./promises.ts";

type Api = ReturnType<typeof personClient>;

export interface Verdict {
  tasks: number;
  runs: number;
  byStatus: Record<string, number>;
  /** Why the tasks that have not ended have not, by the factory's own reasons. */
  open: Record<string, number>;
  /** One sentence for each promise that was not kept. */
  violations: string[];
}

const atOnce = 100;
const secondLookMs = 1_500;

/**
 * Holds the factory's records against what the agents were told. `isStuck`: nothing has moved for long, with agents at
 * hand, so no task may say that it is only waiting to be taken.
 */
export async function selfCheck(api: Api, ledger: Ledger, { isStuck = false } = {}): Promise<Verdict> {
  const verdict: Verdict = { tasks: 0, runs: 0, byStatus: {}, open: {}, violations: [] };
  const { violations } = verdict;
  for (const runId of ledger.claimedTwice) violations.push(`Run ${runId} was handed out twice.`);
  const told = byTask(ledger);
  const ids = [...ledger.tasks.keys()];
  for (let i = 0; i < ids.length; i += atOnce) {
    await Promise.all(
      ids.slice(i, i + atOnce).map(async (id) => {
        const checked = await checkTask(api, id, told.get(id));
        if (!checked) return violations.push(`${ledger.tasks.get(id)?.name} was acknowledged and is gone.`);
        const { task, runs, wrong, reason } = checked;
        verdict.tasks++;
        verdict.runs += runs.length;
        add(verdict.byStatus, task.status);
        if (reason) add(verdict.open, reason);
        violations.push(...wrong);
        if (isStuck && reason === "ready")
          violations.push(`T-${task.number} is ready, agents are free, and none takes it.`);
      }),
    );
  }
  if (isStuck && Object.keys(verdict.open).length === 0) violations.push("All tasks have ended; a workflow runs on.");
  return verdict;
}

interface Checked extends Records {
  wrong: string[];
  /** Why it has not ended. */
  reason?: string;
}

/** What looks wrong is looked at again: leases may run out between two reads. */
async function checkTask(api: Api, id: string, told: Told = noWord()): Promise<Checked | undefined> {
  const first = await look(api, id, told);
  if (!first || first.wrong.length === 0) return first;
  await sleep(secondLookMs);
  return look(api, id, told);
}

async function look(api: Api, id: string, told: Told): Promise<Checked | undefined> {
  const records = await recordsOf(api, id);
  if (!records) return undefined;
  const wrong = brokenPromises(records, told);
  const { number, status } = records.task;
  if (status !== "pending" && status !== "in_progress") return { ...records, wrong };
  const [first] = (await api.tasks.explain.query({ id })).reasons;
  if (first) return { ...records, wrong, reason: first.code };
  return { ...records, wrong: [...wrong, `T-${number} has not ended and does not say why.`] };
}

async function recordsOf(api: Api, id: string): Promise<Records | undefined> {
  try {
    const [task, runs, { items }] = await Promise.all([
      api.tasks.byId.query({ id }),
      api.runs.byTask.query({ taskId: id }),
      api.audit.list.query({ entityType: "task", entityId: id, limit: 200 }),
    ]);
    return { task, runs, trail: items.toReversed() };
  } catch (error) {
    if ((error as { data?: { code?: string } }).data?.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

const noWord = (): Told => ({ claims: [], completions: [], refusals: [] });

function byTask(ledger: Ledger): Map<string, Told> {
  const told = new Map<string, Told>();
  const of = (taskId = "") => {
    const known = told.get(taskId) ?? noWord();
    told.set(taskId, known);
    return known;
  };
  for (const [runId, claim] of ledger.claims) of(claim.taskId).claims.push({ runId, ...claim });
  for (const completion of ledger.completions) of(completion.taskId).completions.push(completion);
  for (const refusal of ledger.refusals) of(ledger.claims.get(refusal.runId)?.taskId).refusals.push(refusal);
  return told;
}

const add = (counts: Record<string, number>, what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
