import type { BoardStatus } from "../../db/enums.ts";
import { approveSuggestion, rejectSuggestion } from "../../server/services/suggestions/decide.ts";
import { cancelTask } from "../../server/services/tasks/cancel.ts";
import { moveTask } from "../../server/services/tasks/move.ts";
import { retryTask } from "../../server/services/tasks/retry.ts";
import { pauseWorkflow, resumeWorkflow } from "../../server/services/workflows/pause.ts";
import type { Choice } from "./agents-do.ts";
import { freshStart, liveRun, type ModelTask, setStatus, workflowStatus } from "./model.ts";
import { answerOf, type Game, same } from "./players.ts";

const columns = ["pending", "in_progress", "completed", "failed"] as const satisfies BoardStatus[];

/** The moves that people may not make; all others are allowed. */
const forbidden = ["completed failed", "cancelled in_progress", "cancelled completed", "cancelled failed"];

export function taskAt(game: Game, { a }: Choice): ModelTask {
  const task = [...game.model.tasks.values()][a % game.model.tasks.size];
  if (!task) throw new Error("A game has tasks");
  return task;
}

export function noteCancelled(game: Game, task: ModelTask): void {
  const run = liveRun(game.model, task.id);
  if (run) run.outcome = "cancelled";
  setStatus(task, "cancelled");
  task.isBackingOff = false;
}

export const peopleCommands = {
  async move(game: Game, choice: Choice) {
    const task = taskAt(game, choice);
    const status = columns[choice.b % columns.length] ?? "pending";
    const run = liveRun(game.model, task.id);
    const force = choice.b % 3 !== 0 || !run;
    const answer = await answerOf(moveTask(game.person, { id: task.id, status, force }));
    if (task.status === status) return same("a move within the column", answer, "accepted");
    if (forbidden.includes(`${task.status} ${status}`)) return same("move", answer, "invalid_transition");
    if (run && !force) return same("a move under a live run", answer, "has_live_run");
    same("move", answer, "accepted");
    if (run) run.outcome = "cancelled";
    setStatus(task, status);
    task.isBackingOff = false;
    if (status === "pending" || status === "in_progress") freshStart(task);
    if (status === "completed") task.progress = 100;
  },

  async cancel(game: Game, choice: Choice) {
    const task = taskAt(game, choice);
    const answer = await answerOf(cancelTask(game.person, { id: task.id }));
    same("cancel", answer, task.status === "completed" ? "terminal" : "accepted");
    if (task.status !== "completed") noteCancelled(game, task);
  },

  async retry(game: Game, choice: Choice) {
    const task = taskAt(game, choice);
    const may = task.status === "failed" || task.status === "cancelled";
    same("retry", await answerOf(retryTask(game.person, { id: task.id })), may ? "accepted" : "invalid_transition");
    if (!may) return;
    setStatus(task, "pending");
    freshStart(task);
  },

  async pause(game: Game) {
    const may = ["running", "paused"].includes(workflowStatus(game.model));
    const answer = await answerOf(pauseWorkflow(game.person, { id: game.workflowId }));
    same("pause", answer, may ? "accepted" : "invalid_transition");
    if (may) game.model.paused = true;
  },

  async resume(game: Game) {
    const may = ["running", "paused"].includes(workflowStatus(game.model));
    const answer = await answerOf(resumeWorkflow(game.person, { id: game.workflowId }));
    same("resume", answer, may ? "accepted" : "invalid_transition");
    if (may) game.model.paused = false;
  },

  async decide(game: Game, { a, b }: Choice) {
    const [id, known] = [...game.suggestions][a % Math.max(1, game.suggestions.size)] ?? [];
    if (!id) return;
    const isYes = b % 2 === 0;
    const work = isYes ? approveSuggestion(game.person, { id }) : rejectSuggestion(game.person, { id });
    const answer = await answerOf(work);
    if (known !== "pending") return same("a second decision", answer, "already_decided");
    // One that the task has overtaken is refused; the rows tell at the end.
    if (answer === "accepted") game.suggestions.set(id, isYes ? "approved" : "rejected");
  },
};
