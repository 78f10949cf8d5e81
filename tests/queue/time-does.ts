import { heartbeat } from "../../server/services/agents/heartbeat.ts";
import { completeRun } from "../../server/services/runs/complete.ts";
import { cancelTask } from "../../server/services/tasks/cancel.ts";
import { reapRuns } from "../../server/workers/reaper.ts";
import { agentAt, type Choice, leaseOf, noteCompleted, runAt, verdict } from "./agents-do.ts";
import { giveBack, type ModelRun } from "./model.ts";
import { noteCancelled } from "./people-do.ts";
import { answerOf, type Game, same } from "./players.ts";

const expired = (game: Game) => [...game.model.runs.values()].filter((run) => run.outcome === null && run.isExpired);

async function expire(game: Game, run: ModelRun): Promise<void> {
  await game.host.db.query("update task_runs set lease_expires_at = now() - interval '1 second' where id = $1", [
    run.id,
  ]);
  if (run.outcome === null) run.isExpired = true;
}

/** Lets a few other statements go first, so that a race is met at every one of its steps. */
async function late(game: Game, turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await game.host.db.query("select 1");
}

async function outcomeOf(game: Game, run: ModelRun): Promise<string | null> {
  const [row] = await game.host.db.query<{ outcome: string | null }>("select outcome from task_runs where id = $1", [
    run.id,
  ]);
  return row?.outcome ?? null;
}

export const timeCommands = {
  async expire(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (run) await expire(game, run);
  },

  async reap(game: Game) {
    await reapRuns(game.host);
    for (const run of expired(game)) giveBack(game.model, run, "lost");
  },

  async backOffEnds(game: Game) {
    await game.host.db.query("update tasks set queue_after = null where workflow_id = $1", [game.workflowId]);
    for (const task of game.model.tasks.values()) task.isBackingOff = false;
  },

  /** A heartbeat that is told of a renewed lease must keep the run, whatever the reaper had seen before. */
  async reapWhileBeating(game: Game, choice: Choice) {
    const live = [...game.model.runs.values()].filter((run) => run.outcome === null);
    for (const run of live) await expire(game, run);
    const beat = async (run: ModelRun) => {
      await late(game, choice.a % 5);
      const { leases, serverTime } = await heartbeat(agentAt(game, run.agent), { runs: [leaseOf(run)], ack: [] });
      return { run, isRenewed: (leases[0]?.expiresAt?.getTime() ?? 0) > serverTime.getTime() };
    };
    const [beats] = await Promise.all([Promise.all(live.map(beat)), reapRuns(game.host)]);
    for (const { run, isRenewed } of beats) {
      const outcome = await outcomeOf(game, run);
      if (isRenewed) same("a run whose heartbeat renewed the lease", outcome, null);
      run.isExpired = !isRenewed;
      if (outcome === "lost") giveBack(game.model, run, "lost");
    }
  },

  async reapWhileCompleting(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run || run.outcome !== null) return;
    await expire(game, run);
    const result = choice.a;
    const complete = async () => {
      await late(game, choice.a % 5);
      return answerOf(completeRun(agentAt(game, run.agent), { ...leaseOf(run), result, claimNext: false }));
    };
    const [answer] = await Promise.all([complete(), reapRuns(game.host)]);
    for (const other of expired(game)) {
      if (other !== run) giveBack(game.model, other, "lost");
    }
    if (answer === "accepted") return noteCompleted(game, run, result);
    giveBack(game.model, run, "lost");
    same("a completion that the reaper outran", answer, verdict(run));
  },

  async cancelWhileCompleting(game: Game, choice: Choice) {
    const run = runAt(game, choice);
    if (!run || run.outcome !== null) return;
    const task = game.model.tasks.get(run.taskId);
    if (!task) return;
    const [completed, cancelled] = await Promise.all([
      answerOf(completeRun(agentAt(game, run.agent), { ...leaseOf(run), result: choice.a, claimNext: false })),
      answerOf(cancelTask(game.person, { id: task.id })),
    ]);
    const isFirst = completed === "accepted";
    same(
      "a completion and a cancellation at once",
      [completed, cancelled],
      isFirst ? ["accepted", "terminal"] : ["terminal", "accepted"],
    );
    if (isFirst) noteCompleted(game, run, choice.a);
    else noteCancelled(game, task);
  },
};
