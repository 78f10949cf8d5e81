import { priorities } from "../../db/enums.ts";
import type { SuggestionEffect } from "../../db/schema/index.ts";
import { createComment } from "../../server/services/comments/create.ts";
import { createSuggestion } from "../../server/services/suggestions/create.ts";
import { approveSuggestion, rejectSuggestion, requestChanges } from "../../server/services/suggestions/decide.ts";
import { withdrawSuggestion } from "../../server/services/suggestions/withdraw.ts";
import { asAgent, asPerson, type Call, remember, repeated } from "./calls.ts";
import { type Choice, type Game, keyFor, pick, realNow } from "./game.ts";
import { get, liveRunOf, Mismatch, type Model, type ModelSuggestion, type ModelTask, unmet } from "./model.ts";
import { cancel, mayMove, move, newTask, retry } from "./rules.ts";

/** How long a suggestion waits that expires. */
const expiresIn = 700;

export const suggestionCommands: Record<string, (game: Game, choice: Choice) => Call | undefined> = {
  suggest(game, choice) {
    const run = choice.a % 4 === 0 ? undefined : game.runAt(choice);
    const task = run ? get(game.model.tasks, run.taskId) : game.taskAt(choice);
    const agent = run ? game.agentOf(run.agentId) : pick(game.agents, choice.a);
    const effect = effectOf(game, choice);
    const expires = choice.b % 3 === 0 && { expiresAt: new Date(realNow() + expiresIn * 1000) };
    const body = {
      taskId: task.id,
      ...(run && { runId: run.id, leaseToken: run.leaseToken }),
      action: choice.b % 7 === 0 ? "Ask first" : `Ask first ${game.next()}`,
      ...(effect && { effect }),
      ...expires,
    };
    const key = keyFor(game, choice);
    return {
      says: `${agent.name} suggests ${effect?.kind ?? "something"} on ${game.label(task.id)}${key ? `, key ${key}` : ""}`,
      send: (host) => createSuggestion(asAgent(host, agent), { ...body, idempotencyKey: key }),
      play(model, heard) {
        const first = repeated(model, agent.id, { key, body });
        const id = first?.id ?? newId(heard.value, model.suggestions, heard.facts.suggestions, { action: body.action });
        if (first) return sameAgain(first, heard.value);
        const task = get(model.tasks, body.taskId);
        if (task.isDeleted) return "not_found";
        if (task.status === "cancelled") return "terminal";
        const named = run && get(model.runs, run.id);
        if (named && named.outcome !== null) return refusalOf(named.outcome);
        const own = named ?? liveRunOf(model, task);
        model.suggestions.set(id, {
          id,
          taskId: task.id,
          runId: own?.agentId === agent.id ? own.id : null,
          agentId: agent.id,
          status: "pending",
          effect: effect ?? null,
          // A moment that was named stays where it is, however late the call arrives.
          expiresAt: expires ? model.now + (expires.expiresAt.getTime() - realNow()) / 1000 : null,
        });
        remember(model, agent.id, { key, body, id });
        return "accepted";
      },
    };
  },

  withdraw(game, { a, b }) {
    const suggestion = suggestionAt(game, a);
    if (!suggestion) return undefined;
    const author = game.agents.findIndex((agent) => agent.id === suggestion.agentId);
    const agent = pick(game.agents, b % 8 === 0 ? author + 1 : author);
    return {
      says: `${agent.name} withdraws ${game.label(suggestion.id)}`,
      send: (host) => withdrawSuggestion(asAgent(host, agent), { id: suggestion.id }),
      play(model) {
        const one = get(model.suggestions, suggestion.id);
        if (one.agentId !== agent.id) return "not_found";
        if (one.status !== "pending") return one.status === "withdrawn" ? "accepted" : decidedAlready(one);
        one.status = "withdrawn";
        return "accepted";
      },
    };
  },

  approve: (game, choice) =>
    decision(game, choice, {
      verb: "approves",
      send: (ctx, id) => approveSuggestion(ctx, { id }),
      status: "approved",
    }),
  reject: (game, choice) =>
    decision(game, choice, {
      verb: "rejects",
      send: (ctx, id, taskRevision) => rejectSuggestion(ctx, { id, taskRevision }),
      status: "rejected",
    }),
  requestChanges: (game, choice) =>
    decision(game, choice, {
      verb: "asks for changes to",
      send: (ctx, id) => requestChanges(ctx, { id, note: "Say more" }),
      status: "changes_requested",
    }),

  comment(game, choice) {
    const task = game.taskAt(choice);
    const agent = choice.b % 2 === 0 ? pick(game.agents, choice.a) : undefined;
    const body = { taskId: task.id, text: choice.b % 7 === 0 ? "Note" : `Note ${game.next()}` };
    const key = keyFor(game, choice);
    const who = agent?.id ?? game.person.id;
    return {
      says: `${agent?.name ?? "a person"} comments on ${game.label(task.id)}${key ? `, key ${key}` : ""}`,
      send: (host) =>
        createComment(agent ? asAgent(host, agent) : asPerson(host, game.person), { ...body, idempotencyKey: key }),
      play(model, heard) {
        const first = repeated(model, who, { key, body });
        if (first) return sameAgain(first, heard.value);
        if (get(model.tasks, body.taskId).isDeleted || model.workflow.isDeleted) return "not_found";
        const id = newId(heard.value, model.comments, heard.facts.comments, { text: body.text });
        model.comments.set(id, body.text);
        remember(model, who, { key, body, id });
        return "accepted";
      },
    };
  },
};

/** The id that was answered; of a call that nobody heard of, that of a row which nobody else made. */
export function newId<Row extends { id: string }>(
  value: unknown,
  known: Map<string, unknown>,
  rows: Row[],
  like: Partial<Row>,
): string {
  const told = (value as { id: string } | undefined)?.id;
  if (told) return told;
  const fields = Object.entries(like) as [keyof Row, unknown][];
  const found = rows.find((row) => !known.has(row.id) && fields.every(([name, wanted]) => row[name] === wanted));
  return found?.id ?? "not in the database";
}

function sameAgain(first: { said: string; id: string }, value: unknown): string {
  const told = (value as { id: string } | undefined)?.id;
  if (told && first.said === "accepted" && told !== first.id) throw new Mismatch("A repeated key made something new");
  return first.said;
}

const refusalOf = (outcome: string) => (outcome === "lost" || outcome === "timed_out" ? "lease_expired" : "terminal");

function suggestionAt(game: Game, n: number): ModelSuggestion | undefined {
  const all = [...game.model.suggestions.values()];
  const open = all.filter((one) => one.status === "pending");
  return open.length > 0 && n % 4 !== 0 ? pick(open, n) : all[n % Math.max(1, all.length)];
}

function effectOf(game: Game, { a, b }: Choice): SuggestionEffect | undefined {
  const effects: (SuggestionEffect | undefined)[] = [
    undefined,
    { kind: "set_status", status: pick(["pending", "completed", "failed", "cancelled"] as const, a) },
    { kind: "set_priority", priority: pick(priorities, a) },
    { kind: "assign", agentId: a % 3 === 0 ? null : pick(game.agents, a).id },
    { kind: "add_task", name: `Added ${game.next()}`, priority: pick(priorities, a) },
    { kind: "retry" },
  ];
  return pick(effects, b);
}

interface Decision {
  verb: string;
  send(ctx: ReturnType<typeof asPerson>, id: string, taskRevision: number | undefined): Promise<unknown>;
  status: "approved" | "rejected" | "changes_requested";
}

function decision(game: Game, { a, b }: Choice, { verb, send, status }: Decision): Call | undefined {
  const suggestion = suggestionAt(game, a);
  if (!suggestion) return undefined;
  const { id } = suggestion;
  // A revision that the task has not come to was never on anybody's screen.
  const isFromNowhere = status === "rejected" && b % 10 === 0;
  return {
    says: `a person ${verb} ${game.label(id)} (${suggestion.effect?.kind ?? "no effect"})`,
    send: (host) => send(asPerson(host, game.person), id, isFromNowhere ? 1_000_000 : undefined),
    play(model, heard) {
      const one = get(model.suggestions, id);
      if (one.status !== "pending") return decidedAlready(one);
      if (isFromNowhere) return "invalid";
      if (one.expiresAt !== null && one.expiresAt <= model.now) {
        one.status = "expired";
        return "already_decided";
      }
      const refusal = status === "approved" && one.effect ? effectRefused(model, one, one.effect) : undefined;
      if (refusal) return refusal;
      one.status = status;
      if (status === "approved" && one.effect) applyEffect(model, one, { effect: one.effect, heard });
      return "accepted";
    },
  };
}

const decidedAlready = ({ status }: ModelSuggestion) =>
  status === "superseded" ? "stale_revision" : "already_decided";

/** Why what is suggested cannot be done now; then it is not approved either. */
function effectRefused(model: Model, { taskId }: ModelSuggestion, effect: SuggestionEffect): string | undefined {
  const task = get(model.tasks, taskId);
  switch (effect.kind) {
    case "set_status":
      return statusRefused(model, task, effect.status);
    case "assign":
      if (task.assignedTo === effect.agentId) return undefined;
      return task.status === "completed" || task.status === "cancelled" ? "terminal" : undefined;
    case "add_task":
      if (model.workflow.isDeleted) return "invalid_transition";
      return model.workflow.status === "cancelled" ? "not_running" : undefined;
    case "retry":
      return task.status === "failed" || task.status === "cancelled" ? undefined : "invalid_transition";
    default:
      return undefined;
  }
}

function statusRefused(model: Model, task: ModelTask, status: "pending" | "completed" | "failed" | "cancelled") {
  if (task.status === status) return "invalid_transition";
  if (status === "cancelled") return task.status === "completed" ? "terminal" : undefined;
  if (!mayMove(task.status, status)) return "invalid_transition";
  const skips = task.status === "pending" && status === "completed" && unmet(model, task).length > 0;
  return skips ? "invalid_transition" : undefined;
}

function applyEffect(
  model: Model,
  { taskId }: ModelSuggestion,
  { effect, heard }: { effect: SuggestionEffect; heard: Parameters<Call["play"]>[1] },
): void {
  const task = get(model.tasks, taskId);
  switch (effect.kind) {
    case "set_status":
      if (effect.status === "cancelled") cancel(model, task);
      else move(model, task, effect.status);
      break;
    case "set_priority":
      setPriority(task, priorities.indexOf(effect.priority));
      break;
    case "assign":
      assign(task, effect.agentId);
      break;
    case "add_task": {
      const id = newId(undefined, model.tasks, heard.facts.tasks, { name: effect.name });
      const priority = priorities.indexOf(effect.priority ?? "medium");
      model.tasks.set(id, newTask({ id, priority, createdAt: model.now }));
      break;
    }
    case "retry":
      retry(model, task);
  }
}

export function setPriority(task: ModelTask, priority: number): void {
  if (task.priority === priority) return;
  Object.assign(task, { priority, rank: priority });
  task.actions.push("updated");
}

export function assign(task: ModelTask, agentId: string | null): void {
  if (task.assignedTo === agentId) return;
  task.assignedTo = agentId;
  task.actions.push("assigned");
}
