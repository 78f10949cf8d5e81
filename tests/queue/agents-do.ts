import { type Heartbeat, heartbeat } from "../../server/services/agents/heartbeat.ts";
import { renewNoted } from "../../server/services/agents/renewals.ts";
import type { AgentActor } from "../../server/services/context.ts";
import { addArtifact } from "../../server/services/runs/artifact.ts";
import { type Completed, completeRun } from "../../server/services/runs/complete.ts";
import { failRun, type GivenUp, releaseRun } from "../../server/services/runs/give-up.ts";
import { appendLog } from "../../server/services/runs/log.ts";
import { reportProgress } from "../../server/services/runs/progress.ts";
import { type Claim, claimTasks } from "../../server/services/tasks/claim.ts";
import { asAgent, type Call, type Heard, same } from "./calls.ts";
import { type Choice, type Game, pick } from "./game.ts";
import { claimable, freeSlots, get, isClaimable, Mismatch, type Model, type ModelRun } from "./model.ts";
import { complete, giveBack, leaseSeconds, start } from "./rules.ts";

/** A heartbeat renews a lease that has less than this left. */
const renewBelow = (leaseSeconds * 2) / 3;

export const agentCommands: Record<string, (game: Game, choice: Choice) => Call | undefined> = {
  claim(game, { a, b }) {
    const agent = pick(game.agents, a);
    const max = 1 + (b % 3);
    const workflowId = b % 2 === 0 ? game.model.workflow.id : undefined;
    const idempotencyKey = b % 5 < 2 ? `claim ${game.next()}` : undefined;
    return {
      says: `${agent.name} claims up to ${max}${idempotencyKey ? " with a key" : ""}`,
      send: (host) => claimTasks(asAgent(host, agent), { max, waitMs: 0, workflowId, idempotencyKey }),
      play(model, heard) {
        const claims = heard.value as Claim[] | undefined;
        takeClaims(model, heard, { agentId: agent.id, max, claims, key: idempotencyKey });
        return "accepted";
      },
    };
  },

  complete: (game, choice) => completion(game, { run: game.runAt(choice), choice }),
  completeForged: (game, choice) => completion(game, { run: game.runAt(choice), choice: { ...choice, a: forged } }),
  completeAndClaim: (game, choice) => completion(game, { run: game.runAt(choice), choice, claimNext: true }),

  fail(game, choice) {
    const isRetryable = choice.a % 4 !== 0;
    const error = `It broke ${game.next()}`;
    return fenced(
      game,
      { run: game.runAt(choice), choice },
      {
        verb: isRetryable ? "fails" : "fails for good",
        send: (host, agent, lease) => failRun(asAgent(host, agent), { ...lease, error, retryable: isRetryable }),
        onLive: (model, run) => giveBack(model, run, { outcome: "failed", action: "failed", isRetryable }),
        onEnded: (run, _model, heard) =>
          run.outcome === "failed" ? answeredAsAtFirst(run, heard) : keepLate(run, { error }),
      },
    );
  },

  release: (game, choice) =>
    fenced(
      game,
      { run: game.runAt(choice), choice },
      {
        verb: "hands back",
        send: (host, agent, lease) => releaseRun(asAgent(host, agent), lease),
        onLive: (model, run) => giveBack(model, run, { outcome: "released", action: "released" }),
        onEnded: (run, _model, heard) => (run.outcome === "released" ? answeredAsAtFirst(run, heard) : refusal(run)),
      },
    ),

  progress(game, choice) {
    const percent = choice.a % 101;
    return fenced(
      game,
      { run: game.runAt(choice), choice },
      {
        verb: `reports ${percent} % of`,
        send: (host, agent, lease) => reportProgress(asAgent(host, agent), { ...lease, percent }),
        onLive(model, run) {
          const task = get(model.tasks, run.taskId);
          task.progress = Math.max(task.progress, percent);
        },
      },
    );
  },

  log(game, choice) {
    const run = game.runAt(choice);
    const lines = [`line ${game.next()}`, "and another"];
    const entries = lines.map((text) => ({ level: "info" as const, text }));
    const offset = choice.a % 3 === 0 ? undefined : run?.log.length;
    return fenced(
      game,
      { run, choice },
      {
        verb: "logs under",
        send(host, agent, lease) {
          const send = () => appendLog(asAgent(host, agent), { ...lease, offset, entries });
          return offset === undefined ? send() : twice(send);
        },
        onLive: (_model, run) => void run.log.push(...lines.slice(run.log.length - (offset ?? run.log.length))),
      },
    );
  },

  artifact(game, choice) {
    const n = game.next();
    const idempotencyKey = choice.b % 2 === 0 ? undefined : `${game.model.workflow.id} file ${n}`;
    const file = { name: `file-${n}`, mime: "text/plain", content: "Zürich\n", encoding: "utf8" as const };
    const keep = (run: ModelRun, line: string) => {
      const isRepeat = idempotencyKey !== undefined && run.files.some((known) => line.endsWith(known));
      if (!isRepeat) run.files.push(line);
    };
    return fenced(
      game,
      { run: game.runAt(choice), choice },
      {
        verb: "hands in a file under",
        send: (host, agent, lease) => addArtifact(asAgent(host, agent), { ...lease, ...file, idempotencyKey }),
        onLive: (_model, run) => keep(run, `${file.name} ${file.content}`),
        onEnded(run) {
          keep(run, `late ${file.name} ${file.content}`);
          return "accepted";
        },
      },
    );
  },

  beat(game, choice) {
    const agent = pick(game.agents, choice.a);
    const own = [...game.model.runs.values()].filter((run) => run.agentId === agent.id && !run.isForgotten);
    const runs = own.filter((run) => run.outcome === null || choice.b % 3 === 0).map(leaseOf);
    return {
      says: `${agent.name} sends a heartbeat for ${runs.length}`,
      async send(host) {
        const answer = await heartbeat(asAgent(host, agent), { runs, ack: [] });
        // What a server does within a second.
        await renewNoted(host);
        return answer;
      },
      play(model, heard) {
        for (const { runId } of runs) renew(get(model.runs, runId), { model, heard });
        return "accepted";
      },
    };
  },
};

const forged = 7;

/** As an agent does that did not wait for the answer: either is one. */
async function twice<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  const answers = await Promise.allSettled([send(), send()]);
  const accepted = answers.find((answer) => answer.status === "fulfilled");
  if (accepted) return accepted.value;
  throw answers.find((answer) => answer.status === "rejected")?.reason;
}

const leaseOf = ({ id, leaseToken }: ModelRun) => ({ runId: id, leaseToken });

interface Fenced {
  verb: string;
  send(
    host: Parameters<Call["send"]>[0],
    agent: AgentActor,
    lease: { runId: string; leaseToken: string },
  ): Promise<unknown>;
  /** What an accepted write does. */
  onLive(model: Model, run: ModelRun, heard: Heard): void;
  /** The answer under a lease that has ended, when it is more than a refusal. */
  onEnded?(run: ModelRun, model: Model, heard: Heard): string;
}

/** A write under a lease: mostly by the agent that holds it, sometimes by another one or with a token that is not the run's. */
function fenced(
  game: Game,
  { run, choice }: { run: ModelRun | undefined; choice: Choice },
  write: Fenced,
): Call | undefined {
  if (!run) return undefined;
  const holder = game.agents.findIndex((agent) => agent.id === run.agentId);
  const isThief = choice.a % 12 === 5;
  const isForged = choice.a % 12 === forged;
  const agent = pick(game.agents, isThief ? holder + 1 : holder);
  const lease = { runId: run.id, leaseToken: isForged ? crypto.randomUUID() : run.leaseToken };
  return {
    says: `${agent.name} ${write.verb} ${game.label(run.id)} of ${game.label(run.taskId)}${isForged ? " with a forged token" : ""}`,
    send: (host) => write.send(host, agent, lease),
    play(model, heard) {
      const run = get(model.runs, lease.runId);
      if (isThief || isForged) return "other_holder";
      if (run.outcome !== null) return write.onEnded?.(run, model, heard) ?? refusal(run);
      write.onLive(model, run, heard);
      return "accepted";
    },
  };
}

/** What a write under a lease that has ended is told. */
const refusal = ({ outcome }: ModelRun) =>
  outcome === "lost" || outcome === "timed_out" ? "lease_expired" : "terminal";

/** What was done with the task since is another matter. */
function answeredAsAtFirst(run: ModelRun, heard: Heard): string {
  const answer = heard.value as GivenUp | undefined;
  if (answer) same("the answer to a run that is given up again", answer.status, run.leftAs);
  return "accepted";
}

/** Output that comes late is evidence, never the result; the same again is there once. */
function keepLate(run: ModelRun, output: { result?: unknown; summary?: string; error?: string }): string {
  const { result, summary, error } = output;
  const file = `late late-result.json ${JSON.stringify({ result, summary, error }, null, 2)}`;
  if (!run.files.includes(file)) run.files.push(file);
  return refusal(run);
}

/** Hands in a result; by the holder of the run's lease unless the choice says otherwise. */
export function completion(
  game: Game,
  {
    run,
    choice = { a: 0, b: 0 },
    claimNext = false,
  }: { run: ModelRun | undefined; choice?: Choice; claimNext?: boolean },
): Call | undefined {
  const n = game.next();
  const result = { n, said: 'Grüße \u2028 "quoted" \\ 𝄞', list: [1.5, null, { deep: [true] }] };
  const summary = `Done as ${n}`;
  return fenced(
    game,
    { run, choice },
    {
      verb: claimNext ? "asks for the next one and completes" : "completes",
      send: (host, agent, lease) => completeRun(asAgent(host, agent), { ...lease, result, summary, claimNext }),
      onLive(model, run, heard) {
        complete(model, run, result, summary);
        if (claimNext) claimNextOf(model, run, heard);
      },
      // A repeat is answered as the first one was; when its next task is no longer held, it may claim anew.
      onEnded(run, model, heard) {
        if (run.outcome !== "succeeded") return keepLate(run, { result, summary });
        if (claimNext) claimNextOf(model, run, heard);
        return "accepted";
      },
    },
  );
}

function claimNextOf(model: Model, run: ModelRun, heard: Heard): void {
  const claims = (heard.value as Completed | undefined)?.next;
  takeClaims(model, heard, { agentId: run.agentId, max: 1, claims, key: `after ${run.id}` });
}

/**
 * Alone, a claim gets exactly what comes first; beside others it may get less, but nothing that it may not have. A repeat with the
 * same key gets what the first one got and the agent still holds.
 */
function takeClaims(
  model: Model,
  heard: Heard,
  { agentId, max, claims, key }: { agentId: string; max: number; claims: Claim[] | undefined; key: string | undefined },
): void {
  const agent = get(model.agents, agentId);
  const name = key && `${agentId} ${key}`;
  const earlier = (name && model.claims.get(name)) || [];
  const held = earlier.filter((id) => get(model.runs, id).outcome === null);
  if (held.length > 0) {
    if (claims) same("what a repeated claim brings", claims.map(({ run }) => run.id).sort(), held.toSorted());
    return;
  }
  const most = Math.max(0, Math.min(max, freeSlots(model, agentId)));
  const started = claims
    ? claims.map(({ task, run }) => ({ ...run, taskId: task.id }))
    : heard.facts.runs.filter((run) => run.agentId === agentId && !model.runs.has(run.id)).slice(0, max);
  if (started.length > most) throw new Mismatch(`${agent.name} got ${started.length} tasks and may have ${most} more`);
  if (heard.isAlone) {
    const expected = claimable(model, agent).slice(0, most);
    same("what a claim brings", started.map((run) => run.taskId).sort(), expected.map((task) => task.id).sort());
  }
  for (const run of started) {
    const task = get(model.tasks, run.taskId);
    if (!isClaimable(model, task, agent)) throw new Mismatch(`${agent.name} got a task that it may not have`);
    start(model, task, { id: run.id, leaseToken: run.leaseToken, agentId });
    same("the number of the attempt", run.attempt, task.attempt);
  }
  if (name) model.claims.set(name, [...earlier, ...started.map((run) => run.id)]);
}

function renew(run: ModelRun, { model, heard }: { model: Model; heard: Heard }): void {
  const left = run.leaseUntil - model.now;
  const answer = (heard.value as Heartbeat | undefined)?.leases.find((lease) => lease.runId === run.id);
  const renewed = model.now + leaseSeconds;
  if (run.outcome !== null) {
    if (answer) same("the lease of a run that has ended", [answer.ok, answer.reason], [false, refusal(run)]);
    return;
  }
  if (answer) same("the lease of a live run", [answer.ok, answer.reason], [true, undefined]);
  if (left >= renewBelow) return;
  if (heard.isAlone) run.leaseUntil = renewed;
  else if (isNearer(leftAfter(heard, run), leaseSeconds, left)) run.leaseUntil = renewed;
}

/** Seconds left of the lease as the table has it. */
const leftAfter = ({ facts }: Heard, run: ModelRun) => facts.runs.find((one) => one.id === run.id)?.leaseLeft ?? 0;

const isNearer = (actual: number, one: number, other: number) => Math.abs(actual - one) < Math.abs(actual - other);
