import { fullJitter } from "./backoff.ts";
import { isTransient, isUnknownAgent, retryAfterMs } from "./errors.ts";
import type { Line, OpenJob } from "./job.ts";

export interface LiveJob {
  job: OpenJob;
  /** Ends the job's work; nothing is reported afterwards. */
  abort: AbortController;
  /** By this process's own monotonic clock, when the lease ends unless it is renewed. */
  endsAt: number;
  /** The work is done and only its end has to be told; the server alone says whether that comes too late. */
  isReporting: boolean;
}

/** The server's default, for as long as its clock is not known. */
const defaultLeaseMs = 60_000;
const firstBeatMs = 1_000;
const idleBeatMs = 15_000;
const refusedBeatMs = 30_000;
/** Well below the shortest sensible lease's end, so that a silent connection is noticed while there is time to retry. */
const beatTimeoutMs = 5_000;
/** More than that the factory does not take at once. */
const maxAcks = 1_000;

/** What is known of the agent's leases, and kept so. */
export interface Leases {
  /** Resolves once a heartbeat was answered, or refused for good: from then on it is known when a lease ends. */
  ready: Promise<void>;
  /** Looks after one more job. */
  add(one: LiveJob): void;
  stop(): Promise<void>;
}

/**
 * Keeps the leases of all live jobs: one heartbeat for them together, at a third of a lease's length. A job whose lease
 * the server has ended, or that could not be renewed in time, is aborted, and so is every job once the token is refused.
 * Comments and cancellations come with the answer.
 */
export function keepLeases({ client, attempt }: Line, live: Map<string, LiveJob>, version: string | undefined): Leases {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let expiry: ReturnType<typeof setTimeout> | undefined;
  /**
   * What the server's clock shows when this process's monotonic one shows 0, at the most: its answer came later than the
   * question. So a time of the server's is known here without the clock of the machine, and never too late.
   */
  let serverZero: number | undefined;
  let failures = 0;
  /** What the jobs were given and the factory has not been told so; what it does not hear of comes again. */
  const taken: string[] = [];
  const stopped = new AbortController();
  let beating = Promise.resolve();
  let onReady = () => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });

  async function beat(): Promise<void> {
    const asked = [...live.values()].map(({ job }) => ({ runId: job.run.id, leaseToken: job.run.leaseToken }));
    const sent = performance.now();
    let nextMs = idleBeatMs;
    try {
      const ack = taken.slice(0, maxAcks);
      const body = { runs: asked, ack, ...(version && { version }) };
      const answer = await attempt({ signal: stopped.signal, timeoutMs: beatTimeoutMs }, (signal) =>
        client.agents.heartbeat.mutate(body, { signal }),
      );
      failures = 0;
      serverZero = answer.serverTime.getTime() - sent;
      taken.splice(0, ack.length);
      for (const lease of answer.leases) {
        const one = live.get(lease.runId);
        if (!one) continue;
        if (!lease.ok) one.abort.abort(new Error(`The lease is gone: ${lease.reason}`));
        if (!lease.expiresAt) continue;
        one.endsAt = lease.expiresAt.getTime() - serverZero;
        nextMs = Math.min(nextMs, (one.endsAt - sent) / 3);
      }
      for (const command of answer.commands) {
        if (command.kind === "cancel" || command.kind === "stop") continue;
        if (command.kind === "comment") hand(command);
        taken.push(command.id);
      }
      onReady();
    } catch (error) {
      nextMs = afterFailure(error);
    }
    watch();
    beatWithin(nextMs);
  }

  /** Milliseconds until the next try: at random, so that agents that were cut off together do not come back together. */
  function afterFailure(error: unknown): number {
    if (!isTransient(error)) onReady();
    if (isUnknownAgent(error)) {
      const reason = `The factory refuses this agent: ${(error as Error).message}`;
      for (const one of live.values()) one.abort.abort(new Error(reason));
      return refusedBeatMs;
    }
    const leftMs = Math.min(...[...live.values()].map(({ endsAt }) => endsAt - performance.now()));
    // However long the outage, there is time for several tries in what is left of a lease.
    const mostMs = live.size > 0 ? Math.max(firstBeatMs, leftMs / 6) : idleBeatMs;
    return Math.max(fullJitter(++failures, Math.random(), mostMs), retryAfterMs(error));
  }

  /** Ends each job whose lease has run out at that moment, whatever the heartbeat that is under way will say. */
  function watch(): void {
    clearTimeout(expiry);
    const open = [...live.values()].filter((one) => !one.isReporting && !one.abort.signal.aborted);
    const now = performance.now();
    for (const one of open) {
      if (now >= one.endsAt) one.abort.abort(new Error("The lease could not be renewed in time"));
    }
    const nextEnd = Math.min(...open.filter((one) => now < one.endsAt).map(({ endsAt }) => endsAt));
    if (Number.isFinite(nextEnd) && !stopped.signal.aborted) expiry = setTimeout(watch, nextEnd - now);
  }

  /** To the job on that task; one that came before, or reads differently now, is there once. */
  function hand(comment: { id: string; taskId: string; author: string; text: string }): void {
    for (const { job } of live.values()) {
      if (job.task.id !== comment.taskId) continue;
      const known = job.comments.findIndex(({ id }) => id === comment.id);
      job.comments.splice(known < 0 ? job.comments.length : known, 1, comment);
    }
  }

  /** Never later than was said before: new jobs that keep coming must not put off the heartbeat of the others. */
  function beatWithin(ms: number): void {
    const wait = Math.max(0, ms);
    const at = performance.now() + wait;
    if (stopped.signal.aborted || dueAt <= at) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => {
      dueAt = Number.POSITIVE_INFINITY;
      // Never two at once: each acknowledges what the one before it brought.
      beating = beating.then(beat);
    }, wait);
  }

  beatWithin(0);
  return {
    ready,
    add(one) {
      const { id, leaseExpiresAt } = one.job.run;
      const now = performance.now();
      one.endsAt = serverZero === undefined ? now + defaultLeaseMs : leaseExpiresAt.getTime() - serverZero;
      live.set(id, one);
      taken.push(...one.job.context.comments.map((comment) => comment.id));
      watch();
      beatWithin(Math.min(firstBeatMs, (one.endsAt - now) / 3));
    },
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      clearTimeout(expiry);
      await beating;
    },
  };
}
