import { expireSuggestions } from "../../server/services/suggestions/expire.ts";
import { ageQueue } from "../../server/workers/ageing.ts";
import { watchAgents } from "../../server/workers/agent-status.ts";
import { timeOutQueue } from "../../server/workers/queue-time-out.ts";
import { reapRuns } from "../../server/workers/reaper.ts";
import type { Call, Heard } from "./calls.ts";
import { setClockError } from "./clock.ts";
import { type Choice, type Game, pick } from "./game.ts";
import { get, isAsking, isReady, liveRuns, type Model, type ModelTask } from "./model.ts";
import { giveBack, pass, timeOutInQueue } from "./rules.ts";

/** Long against how long a history takes; no limit in the model is near a multiple of it. */
const tick = 260;
/** A pending task rises by one rank for each. */
const secondsPerRank = 15 * 60;
const hour = 3_600_000;

/** The workers of the servers, which may run beside anything. */
export const clockCommands: Record<string, (game: Game, choice: Choice) => Call | undefined> = {
  reap: () => ({
    says: "a server looks for runs that are overdue",
    send: reapRuns,
    play(model, heard) {
      takeBack(model, heard, {
        outcome: "lost",
        action: "lease_expired",
        isOverdue: (run) => run.leaseUntil < model.now,
      });
      takeBack(model, heard, {
        outcome: "timed_out",
        action: "timed_out",
        isOverdue(run) {
          const task = get(model.tasks, run.taskId);
          return task.timeout !== null && run.worked > task.timeout && !isAsking(model, run);
        },
      });
      return "accepted";
    },
  }),

  timeOutQueue: () => ({
    says: "a server looks for tasks that nobody took in time",
    send: timeOutQueue,
    play(model, heard) {
      const due = [...model.tasks.values()].filter((task) => isOverdueInQueue(model, task));
      for (const task of due) {
        const row = heard.facts.tasks.find((row) => row.id === task.id);
        const isDone = heard.isAlone || row?.actions[task.actions.length] === "queue_timed_out";
        if (isDone) timeOutInQueue(model, task);
      }
      return "accepted";
    },
  }),

  expire: () => ({
    says: "a server looks for suggestions that have expired",
    send: expireSuggestions,
    play(model, heard) {
      for (const one of model.suggestions.values()) {
        const isDue = one.status === "pending" && one.expiresAt !== null && one.expiresAt <= model.now;
        if (isDue && happened(heard, heard.facts.suggestions, one.id, "expired")) one.status = "expired";
      }
      return "accepted";
    },
  }),

  watch: () => ({ says: "a server looks after the agents", send: watchAgents, play: () => "accepted" }),
};

/** What happens to the world while nobody calls. */
export const worldCommands: Record<string, (game: Game, choice: Choice) => Call | undefined> = {
  timePasses(game, { b }) {
    const seconds = tick * pick([1, 1, 2, 4], b);
    return {
      says: `${seconds} s pass`,
      send: async () => game.shiftTimes(seconds),
      play(model) {
        pass(model, seconds);
        return "accepted";
      },
    };
  },

  leasesEnd: (game) => ({
    says: "all leases run out",
    send: () => game.endLeases(),
    play(model) {
      for (const run of liveRuns(model)) run.leaseUntil = Math.min(run.leaseUntil, model.now - 60);
      return "accepted";
    },
  }),

  backOffEnds: (game) => ({
    says: "all back-offs end",
    send: () => game.endBackOffs(),
    play(model) {
      for (const task of model.tasks.values()) task.isBackingOff = false;
      return "accepted";
    },
  }),

  age: (game) => ({
    says: "a server lets tasks rise that have waited long",
    // No event tells of it, and a floor of claims holds for a second at most.
    send: async (host) => ageQueue(host).then(() => game.forgetFloors()),
    play(model) {
      for (const task of model.tasks.values()) {
        const rank = task.priority - Math.floor((model.now - task.createdAt) / secondsPerRank);
        if (task.status === "pending" && isReady(model, task)) task.rank = Math.min(task.rank, rank);
      }
      return "accepted";
    },
  }),

  /** Its runs stay behind, and nobody will report on them. */
  agentCrashes(game, { a }) {
    const agent = pick(game.agents, a);
    return {
      says: `${agent.name} crashes and forgets what it held`,
      send: async () => {},
      play(model) {
        for (const run of model.runs.values()) if (run.agentId === agent.id) run.isForgotten = true;
        return "accepted";
      },
    };
  },

  clocksGoWrong({ fleet }, { b }) {
    // The embedded database has no clock but the process's own.
    if (fleet.db.kind === "pglite") return undefined;
    const error = pick([-hour, 0, hour, 40 * 24 * hour], b);
    return {
      says: `the clocks of servers and agents are ${error / hour} h wrong`,
      send: async () => setClockError(error),
      play: () => "accepted",
    };
  },
};

const isOverdueInQueue = (model: Model, task: ModelTask) =>
  task.status === "pending" &&
  isReady(model, task) &&
  !task.isBackingOff &&
  task.queueTtl !== null &&
  task.queued > task.queueTtl;

type Overdue = {
  outcome: "lost" | "timed_out";
  action: string;
  isOverdue(run: ReturnType<typeof liveRuns>[number]): boolean;
};

function takeBack(model: Model, heard: Heard, { outcome, action, isOverdue }: Overdue): void {
  for (const run of liveRuns(model)) {
    if (isOverdue(run) && happened(heard, heard.facts.runs, run.id, outcome)) giveBack(model, run, { outcome, action });
  }
}

/** Alone, a worker does all that is due; beside others it may leave out what they hold, and the tables tell. */
function happened(
  heard: Heard,
  rows: { id: string; status?: string; outcome?: string | null }[],
  id: string,
  as: string,
) {
  if (heard.isAlone) return true;
  const row = rows.find((row) => row.id === id);
  return row?.status === as || row?.outcome === as;
}
