import { heartbeat } from "../../server/services/agents/heartbeat.ts";
import type { AgentCtx } from "../../server/services/context.ts";
import { completeRun } from "../../server/services/runs/complete.ts";
import { failRun, releaseRun } from "../../server/services/runs/give-up.ts";
import { appendLog } from "../../server/services/runs/log.ts";
import { reportProgress } from "../../server/services/runs/progress.ts";
import { createSuggestion } from "../../server/services/suggestions/create.ts";
import { type Claim, claimTasks } from "../../server/services/tasks/claim.ts";
import { claimable, giveBack, liveRunsOf, type ModelRun, setStatus, taskOf } from "./model.ts";
import { answerOf, type Game, same, slots } from "./players.ts";

/** Two numbers that say who and what, so that fast-check can shrink a whole history. */
export interface Choice {
  a: number;
  b: number;
}

export const agentAt = (game: Game, index: number): AgentCtx => {
  const agent = game.agents[index % game.agents.length];
  if (!agent) throw new Error("A game has agents");
  return agent;
};

/** Any run so far, live or long over: agents that come back late are the point. Every other choice is the newest few. */
export function runAt(game: Game, { b }: Choice): ModelRun | undefined {
  const runs = [...game.model.runs.values()];
  return b % 2 === 0 ? runs.at(-1 - (b % 6) / 2) : runs[b % Math.max(1, runs.length)];
}

export const leaseOf = ({ id, leaseToken }: ModelRun) => ({ runId: id, leaseToken });

/** What a write under this run's lease must be told. */
export function verdict(run: ModelRun): string {
  if (run.outcome === null) return "accepted";
  return run.outcome === "lost" || run.outcome === "timed_out" ? "lease_expired" : "terminal";
}

export function noteClaims(game: Game, agent: number, claims: Claim[]): void {
  for (const { task, run } of claims) {
    const known = taskOf(game.model, task.id);
    same(`T-${task.number} was to be claimed`, known.status, "pending");
    setStatus(known, "in_progress");
    Object.assign(known, { attempt: known.attempt + 1, progress: 0, isBackingOff: false });
    same(`attempt of T-${task.number}`, run.attempt, known.attempt);
    game.model.runs.set(run.id, {
      id: run.id,
      taskId: task.id,
      leaseToken: run.leaseToken,
      agent,
      outcome: null,
      isExpired: false,
      log: [],
    });
  }
}

export function noteCompleted(game: Game, run: ModelRun, result: unknown): void {
  run.outcome = "succeeded";
  const task = taskOf(game.model, run.taskId);
  setStatus(task, "completed");
  Object.assign(task, { result, progress: 100 });
}

export const agentCommands = {
  async claim(game: Game, { a, b }: Choice) {
    const index = a % game.agents.length;
    const max = 1 + (b % 3);
    const free = (slots[index] ?? 0) - liveRunsOf(game.model, index);
    const expected = claimable(game.model).slice(0, Math.max(0, Math.min(max, free)));
    const claims = await claimTasks(agentAt(game, index), { max, waitMs: 0, workflowId: game.workflowId });
    same("claimed tasks", claims.map(({ task }) => task.id).sort(), expected.map((task) => task.id).sort());
    noteClaims(game, index, claims);
  },

  async claimTogether(game: Game) {
    const free = game.agents.map((_, index) => (slots[index] ?? 0) - liveRunsOf(game.model, index));
    const offered = new Set(claimable(game.model).map((task) => task.id));
    const claims = await Promise.all(
      game.agents.map((agent) => claimTasks(agent, { max: 2, waitMs: 0, workflowId: game.workflowId })),
    );
    const ids = claims.flat().map(({ task }) => task.id);
    same("each task is claimed once", new Set(ids).size, ids.length);
    same(
      "only what may be claimed is",
      ids.filter((id) => !offered.has(id)),
      [],
    );
    claims.forEach((own, index) => {
      if (own.length > (free[index] ?? 0)) throw new Error(`Agent ${index} holds more than it may`);
      noteClaims(game, index, own);
    });
  },

  async complete(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const input = { ...leaseOf(run), result: { by: run.id, n: choice.a }, claimNext: false };
    const answer = await answerOf(completeRun(agentAt(game, run.agent), input));
    same("completion", answer, run.outcome === "succeeded" ? "accepted" : verdict(run));
    if (run.outcome === null) noteCompleted(game, run, input.result);
  },

  async completeThrice(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const input = { ...leaseOf(run), result: choice.a, claimNext: false };
    const agent = agentAt(game, run.agent);
    const answers = await Promise.all([0, 1, 2].map(() => answerOf(completeRun(agent, input))));
    const expected = run.outcome === "succeeded" ? "accepted" : verdict(run);
    same("the same completion three times at once", answers, [expected, expected, expected]);
    if (run.outcome === null) noteCompleted(game, run, input.result);
  },

  async completeAndClaim(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run || run.outcome === "succeeded") return;
    const input = { ...leaseOf(run), result: choice.a, claimNext: true };
    let answer: Awaited<ReturnType<typeof completeRun>> | undefined;
    const said = await answerOf(
      completeRun(agentAt(game, run.agent), input).then((done) => {
        answer = done;
      }),
    );
    same("completion that asks for the next task", said, verdict(run));
    if (!answer) return;
    noteCompleted(game, run, input.result);
    const own = answer.next.filter(({ task }) => game.model.tasks.has(task.id));
    noteClaims(game, run.agent, own);
  },

  async steal(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const thief = agentAt(game, run.agent + 1);
    same(
      "another agent's lease",
      await answerOf(completeRun(thief, { ...leaseOf(run), claimNext: false })),
      "other_holder",
    );
  },

  async fail(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const retryable = choice.a % 4 !== 0;
    const answer = await answerOf(failRun(agentAt(game, run.agent), { ...leaseOf(run), error: "It broke", retryable }));
    same("failure", answer, run.outcome === "failed" ? "accepted" : verdict(run));
    if (run.outcome === null) giveBack(game.model, run, "failed", retryable);
  },

  async release(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const answer = await answerOf(releaseRun(agentAt(game, run.agent), leaseOf(run)));
    same("handing back", answer, run.outcome === "released" ? "accepted" : verdict(run));
    if (run.outcome === null) giveBack(game.model, run, "released");
  },

  async progress(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const percent = choice.a % 101;
    const answer = await answerOf(reportProgress(agentAt(game, run.agent), { ...leaseOf(run), percent }));
    same("progress", answer, verdict(run));
    const task = taskOf(game.model, run.taskId);
    if (run.outcome === null) task.progress = Math.max(task.progress, percent);
  },

  async log(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const text = `line ${choice.a}`;
    const entries = [{ level: "info" as const, text }];
    const answer = await answerOf(appendLog(agentAt(game, run.agent), { ...leaseOf(run), entries }));
    same("log line", answer, verdict(run));
    if (run.outcome === null) run.log.push(text);
  },

  async beat(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const { leases } = await heartbeat(agentAt(game, run.agent), { runs: [leaseOf(run)], ack: [] });
    same("heartbeat", leases[0]?.ok ? "accepted" : leases[0]?.reason, verdict(run));
    if (run.outcome === null) run.isExpired = false;
  },

  async suggest(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run) return;
    const input = { taskId: run.taskId, ...leaseOf(run), action: "Ask first" };
    const work = createSuggestion(agentAt(game, run.agent), input).then((made) => {
      game.suggestions.set(made.id, "pending");
    });
    const isCancelled = taskOf(game.model, run.taskId).status === "cancelled";
    same("suggestion", await answerOf(work), isCancelled ? "terminal" : verdict(run));
  },
};
