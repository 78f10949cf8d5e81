import type { personClient } from "../../tests/support/sign-in.ts";
import type { Ledger } from "./ledger.ts";

type Api = ReturnType<typeof personClient>;

/** What the factory has on record about a task. */
export interface Records {
  task: Awaited<ReturnType<Api["tasks"]["byId"]["query"]>>;
  runs: Awaited<ReturnType<Api["runs"]["byTask"]["query"]>>;
  /** Oldest first. */
  trail: Awaited<ReturnType<Api["audit"]["list"]["query"]>>["items"];
}

/** What agents were told about it. */
export interface Told {
  claims: { runId: string; agent: string; attempt: number }[];
  completions: Ledger["completions"];
  refusals: Ledger["refusals"];
}

/** A sentence for each promise that these records break, by themselves or against what agents were told. */
export function brokenPromises(records: Records, told: Told): string[] {
  const wrong = [
    ...runsAreOne(records),
    ...trailIsUnbroken(records),
    ...claimsAreKept(records, told),
    ...completionsAreKept(records, told),
    ...refusalsAreRight(records, told),
  ];
  return wrong.map((sentence) => `T-${records.task.number} ${sentence}`);
}

function* runsAreOne({ task: { status, attempt }, runs }: Records) {
  const live = runs.filter((run) => run.endedAt === null).length;
  const succeeded = runs.filter((run) => run.outcome === "succeeded").length;
  if (live > 1) yield `has ${live} live runs.`;
  if (live > 0 && status !== "in_progress") yield `is ${status} and has a live run.`;
  if (succeeded !== (status === "completed" ? 1 : 0)) yield `is ${status}, with ${succeeded} runs that succeeded.`;
  const attempts = runs.filter((run) => run.outcome !== "released").length;
  if (attempts !== attempt) yield `has ${attempts} runs that count and says attempt ${attempt}.`;
}

/** Every change of status begins where the one before it ended, and each run was claimed once. */
function* trailIsUnbroken({ task, runs, trail }: Records) {
  let status: unknown = "pending";
  for (const { action, changes } of trail) {
    if (!changes.status || action === "created") continue;
    if (changes.status.before !== status) yield `was ${action} as ${changes.status.before}, when it was ${status}.`;
    status = changes.status.after;
  }
  if (status !== task.status) yield `is ${task.status}; its audit trail ends with ${status}.`;
  const claimed = trail.filter(({ action }) => action === "claimed").length;
  if (claimed !== runs.length) yield `has ${runs.length} runs and was claimed ${claimed} times by its audit trail.`;
}

function* claimsAreKept({ runs }: Records, { claims }: Told) {
  for (const { runId, agent, attempt } of claims) {
    const run = runs.find(({ id }) => id === runId);
    if (run?.agentName !== agent) yield `was given to ${agent}; the record of the run says ${run?.agentName}.`;
    else if (run.attempt !== attempt) yield `was given as attempt ${attempt}; the record says ${run.attempt}.`;
  }
}

function* completionsAreKept({ task, runs }: Records, { completions }: Told) {
  for (const { runId, agent, result } of completions) {
    const run = runs.find(({ id }) => id === runId);
    const outcome = run?.outcome ?? "live";
    if (outcome !== "succeeded") yield `was completed by ${agent}, acknowledged; the run is ${outcome}.`;
    if (task.status !== "completed") yield `was completed by ${agent}, acknowledged; it is ${task.status}.`;
    else if (!Bun.deepEquals(task.result, result)) {
      yield `was completed by ${agent}, acknowledged, and has another result: ${JSON.stringify(task.result)}.`;
    }
    const heir = runs.find((other) => run && other.claimedAt > run.claimedAt);
    if (heir) yield `was completed by ${agent}, acknowledged, after it had been given to ${heir.agentName}.`;
  }
}

function* refusalsAreRight({ runs }: Records, { refusals }: Told) {
  for (const { runId, agent, reason } of refusals) {
    const run = runs.find(({ id }) => id === runId);
    if (!run?.endedAt || run.outcome === "succeeded") {
      yield `refused the report of ${agent} (${reason}), although its run is ${run?.outcome ?? "live"}.`;
    } else if (!run.artifacts.some(({ late }) => late)) yield `did not keep the late report of ${agent}.`;
  }
}
