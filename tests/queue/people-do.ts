import { boardStatuses, priorities } from "../../db/enums.ts";
import { drainAgent, pauseAgent, resumeAgent } from "../../server/services/agents/steer.ts";
import { updateAgent } from "../../server/services/agents/update.ts";
import { assignTask } from "../../server/services/tasks/assign.ts";
import { cancelTask } from "../../server/services/tasks/cancel.ts";
import { createTask } from "../../server/services/tasks/create.ts";
import { moveTask } from "../../server/services/tasks/move.ts";
import { removeTask, restoreTask } from "../../server/services/tasks/remove.ts";
import { retryTask } from "../../server/services/tasks/retry.ts";
import { updateTask } from "../../server/services/tasks/update.ts";
import { cancelWorkflow } from "../../server/services/workflows/cancel.ts";
import { pauseWorkflow, resumeWorkflow } from "../../server/services/workflows/pause.ts";
import { removeWorkflow, restoreWorkflow } from "../../server/services/workflows/remove.ts";
import { retryWorkflow } from "../../server/services/workflows/retry.ts";
import { asPerson, type Call, remember, repeated } from "./calls.ts";
import { type Choice, type Game, keyFor, pick } from "./game.ts";
import { closesCircle, get, liveRunOf, liveRuns, type Model, type ModelTask, unmet } from "./model.ts";
import * as rules from "./rules.ts";
import { assign, newId, setPriority } from "./suggestions-do.ts";

export const peopleCommands: Record<string, (game: Game, choice: Choice) => Call | undefined> = {
  move(game, choice) {
    const status = pick(boardStatuses, choice.b);
    const force = choice.a % 3 !== 0;
    const seen = game.seenOf(choice);
    return onTask(game, choice, {
      verb: `moves to ${status}${force ? ", sure" : ""}${seen ? ", from an old page" : ""}:`,
      send: (ctx, id) => moveTask(ctx, { id, status, force, revision: seen?.revision }),
      play(model, task) {
        if (task.isDeleted) return "not_found";
        if (seen && task.actions.length > seen.actions) return "stale_revision";
        if (task.status === status) return "accepted";
        if (!rules.mayMove(task.status, status)) return "invalid_transition";
        const starts = task.status === "pending" && (status === "in_progress" || status === "completed");
        if (!force && starts && unmet(model, task).length > 0) return "invalid_transition";
        if (!force && liveRunOf(model, task)) return "has_live_run";
        rules.move(model, task, status);
        return "accepted";
      },
    });
  },

  cancel: (game, choice) =>
    onTask(game, choice, {
      verb: "cancels",
      send: (ctx, id) => cancelTask(ctx, { id }),
      play(model, task) {
        if (task.isDeleted) return "not_found";
        if (task.status === "completed") return "terminal";
        if (task.status !== "cancelled") rules.cancel(model, task);
        return "accepted";
      },
    }),

  retry: (game, choice) =>
    onTask(game, choice, {
      verb: "retries",
      send: (ctx, id) => retryTask(ctx, { id }),
      play(model, task) {
        if (task.isDeleted) return "not_found";
        if (task.status !== "failed" && task.status !== "cancelled") return "invalid_transition";
        rules.retry(model, task);
        return "accepted";
      },
    }),

  remove(game, choice) {
    const force = choice.b % 2 === 0;
    return onTask(game, choice, {
      verb: force ? "removes, sure:" : "removes",
      send: (ctx, id) => removeTask(ctx, { id, force }),
      play(model, task) {
        if (task.isDeleted) return "not_found";
        if (!force && liveRunOf(model, task)) return "has_live_run";
        rules.remove(model, task);
        return "accepted";
      },
    });
  },

  restore(game, choice) {
    const binned = [...game.model.tasks.values()].filter((task) => task.isDeleted);
    const id = binned.length > 0 ? pick(binned, choice.a).id : game.taskAt(choice).id;
    return {
      says: `a person restores ${game.label(id)}`,
      send: (host) => restoreTask(asPerson(host, game.person), { id }),
      play(model) {
        const task = get(model.tasks, id);
        if (!task.isDeleted) return "accepted";
        if (model.workflow.isDeleted) return "not_running";
        rules.restore(model, task);
        return "accepted";
      },
    };
  },

  assign(game, choice) {
    const agentId = choice.b % 3 === 0 ? null : pick(game.agents, choice.b).id;
    return onTask(game, choice, {
      verb: `keeps for ${agentId ? game.agentOf(agentId).name : "anybody"}:`,
      send: (ctx, id) => assignTask(ctx, { id, agentId }),
      play(_model, task) {
        if (task.isDeleted) return "not_found";
        if (task.assignedTo === agentId) return "accepted";
        if (task.status === "completed" || task.status === "cancelled") return "terminal";
        assign(task, agentId);
        return "accepted";
      },
    });
  },

  prioritise(game, choice) {
    const priority = choice.b % priorities.length;
    return onTask(game, choice, {
      verb: `gives priority ${priority} to`,
      send: (ctx, id) => updateTask(ctx, { id, priority: pick(priorities, priority) }),
      play(_model, task) {
        if (task.isDeleted) return "not_found";
        setPriority(task, priority);
        return "accepted";
      },
    });
  },

  link(game, choice) {
    const task = game.taskAt(choice);
    const added = game.taskAt({ a: choice.b, b: choice.a });
    const kept = choice.b % 3 === 0 ? [] : task.dependsOn;
    const dependsOn = [...new Set([...kept, ...(choice.b % 5 === 0 ? [] : [added.id])])];
    return {
      says: `a person makes ${game.label(task.id)} wait for ${dependsOn.map((id) => game.label(id)).join(", ") || "nothing"}`,
      send: (host) => updateTask(asPerson(host, game.person), { id: task.id, dependsOn }),
      play: (model) => link(model, get(model.tasks, task.id), dependsOn),
    };
  },

  create(game, choice) {
    const dependsOn = choice.a % 2 === 0 ? [game.taskAt(choice).id] : [];
    const name = choice.b % 7 === 0 ? "New" : `New ${game.next()}`;
    const body = { workflowId: game.model.workflow.id, name, dependsOn };
    const key = keyFor(game, choice);
    return {
      says: `a person adds a task${dependsOn.map((id) => ` after ${game.label(id)}`)}${key ? `, key ${key}` : ""}`,
      send: (host) => createTask(asPerson(host, game.person), { ...body, idempotencyKey: key }),
      play(model, heard) {
        const first = repeated(model, game.person.id, { key, body });
        if (first) return first.said;
        if (model.workflow.isDeleted) return "not_found";
        if (model.workflow.status === "cancelled") return "not_running";
        if (dependsOn.some((id) => get(model.tasks, id).isDeleted)) return "invalid";
        const id = newId(heard.value, model.tasks, heard.facts.tasks, { name });
        model.tasks.set(id, rules.newTask({ id, dependsOn, createdAt: model.now }));
        remember(model, game.person.id, { key, body, id });
        return "accepted";
      },
    };
  },

  pause: (game) =>
    onWorkflow(game, {
      verb: "pauses",
      send: (ctx, id) => pauseWorkflow(ctx, { id }),
      play({ workflow }) {
        if (workflow.isDeleted) return "not_found";
        if (workflow.status !== "running" && workflow.status !== "paused") return "invalid_transition";
        workflow.status = "paused";
        return "accepted";
      },
    }),

  resume: (game) =>
    onWorkflow(game, {
      verb: "resumes",
      send: (ctx, id) => resumeWorkflow(ctx, { id }),
      play({ workflow }) {
        if (workflow.isDeleted) return "not_found";
        if (workflow.status !== "running" && workflow.status !== "paused") return "invalid_transition";
        workflow.status = "running";
        return "accepted";
      },
    }),

  cancelAll: (game) =>
    onWorkflow(game, {
      verb: "cancels",
      send: (ctx, id) => cancelWorkflow(ctx, { id }),
      play(model) {
        const { status, isDeleted } = model.workflow;
        if (isDeleted) return "not_found";
        if (status === "completed") return "invalid_transition";
        if (status === "cancelled") return "accepted";
        model.workflow.status = "cancelled";
        for (const task of model.tasks.values()) {
          if (!task.isDeleted && (task.status === "pending" || task.status === "in_progress"))
            rules.cancel(model, task);
        }
        return "accepted";
      },
    }),

  retryAll: (game) =>
    onWorkflow(game, {
      verb: "retries",
      send: (ctx, id) => retryWorkflow(ctx, { id }),
      play(model) {
        const { status, isDeleted } = model.workflow;
        if (isDeleted) return "not_found";
        const again = [...model.tasks.values()].filter(
          (task) =>
            !task.isDeleted && (task.status === "failed" || (task.status === "cancelled" && status === "cancelled")),
        );
        if (status !== "failed" && status !== "cancelled" && again.length === 0) return "invalid_transition";
        if (status !== "paused") model.workflow.status = "running";
        for (const task of again) rules.retry(model, task);
        return "accepted";
      },
    }),

  removeAll(game, { b }) {
    const force = b % 2 === 0;
    return onWorkflow(game, {
      verb: force ? "removes, sure," : "removes",
      send: (ctx, id) => removeWorkflow(ctx, { id, force }),
      play(model) {
        if (model.workflow.isDeleted) return "not_found";
        const held = liveRuns(model).map((run) => get(model.tasks, run.taskId));
        if (held.length > 0 && !force) return "has_live_run";
        model.workflow.isDeleted = true;
        for (const task of held) rules.takeBack(model, task);
        return "accepted";
      },
    });
  },

  restoreAll: (game) =>
    onWorkflow(game, {
      verb: "restores",
      send: (ctx, id) => restoreWorkflow(ctx, { id }),
      play({ workflow }) {
        workflow.isDeleted = false;
        return "accepted";
      },
    }),

  steer(game, { a, b }) {
    const agent = pick(game.agents, a);
    const [desired, send] = pick(
      [
        ["active", resumeAgent],
        ["paused", pauseAgent],
        ["draining", drainAgent],
        ["active", resumeAgent],
      ] as const,
      b,
    );
    return {
      says: `a person makes ${agent.name} ${desired}`,
      send: (host) => send(asPerson(host, game.person), { id: agent.id }),
      play(model) {
        get(model.agents, agent.id).desired = desired;
        return "accepted";
      },
    };
  },

  resize(game, { a, b }) {
    const agent = pick(game.agents, a);
    const maxConcurrent = 1 + (b % 3);
    return {
      says: `a person lets ${agent.name} hold ${maxConcurrent}`,
      send: (host) => updateAgent(asPerson(host, game.person), { id: agent.id, maxConcurrent }),
      play(model) {
        get(model.agents, agent.id).maxConcurrent = maxConcurrent;
        return "accepted";
      },
    };
  },
};

interface OnTask {
  verb: string;
  send(ctx: ReturnType<typeof asPerson>, id: string): Promise<unknown>;
  play(model: Model, task: ModelTask): string;
}

function onTask(game: Game, choice: Choice, { verb, send, play }: OnTask): Call {
  const { id } = game.taskAt(choice);
  return {
    says: `a person ${verb} ${game.label(id)}`,
    send: (host) => send(asPerson(host, game.person), id),
    play: (model) => play(model, get(model.tasks, id)),
  };
}

function onWorkflow(
  game: Game,
  { verb, send, play }: Pick<OnTask, "verb" | "send"> & { play(model: Model): string },
): Call {
  return {
    says: `a person ${verb} the workflow`,
    send: (host) => send(asPerson(host, game.person), game.model.workflow.id),
    play,
  };
}

function link(model: Model, task: ModelTask, dependsOn: string[]): string {
  if (task.isDeleted) return "not_found";
  if (dependsOn.some((id) => get(model.tasks, id).isDeleted)) return "invalid";
  if (dependsOn.includes(task.id)) return "invalid";
  if (closesCircle(model, task.id, dependsOn)) return "cycle";
  if (dependsOn.toSorted().join() === task.dependsOn.toSorted().join()) return "accepted";
  task.dependsOn = dependsOn;
  task.actions.push("updated");
  return "accepted";
}
