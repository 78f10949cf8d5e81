import { isUnknownAgent } from "./errors.ts";
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

/** The server's default, until the first renewal tells. */
const defaultLeaseMs = 60_000;
const firstBeatMs = 1_000;
const idleBeatMs = 15_000;
const refusedBeatMs = 30_000;
/** Well below the shortest sensible lease's end, so that a silent connection is noticed while there is time to retry. */
const beatTimeoutMs = 5_000;
/** More than that the factory does not take at once. */
const maxAcks = 1_000;

/**
 * Keeps the leases of all live jobs: one heartbeat for them together, at a third of a lease's length. A job whose lease
 * the server has ended, or that could not be renewed in time, is aborted, and so is every job once the token is refused.
 * Comments and cancellations come with the answer.
 */
export function keepLeases({ client, attempt }: Line, live: Map<string, LiveJob>, version: string | undefined) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leaseMs: number | undefined;
  /** What the jobs were given and the factory has not been told so; what it does not hear of comes again. */
  const taken: string[] = [];
  const stopped = new AbortController();
  let beating = Promise.resolve();

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
      taken.splice(0, ack.length);
      for (const lease of answer.leases) {
        const one = live.get(lease.runId);
        if (!one) continue;
        if (!lease.ok) one.abort.abort(new Error(`The lease is gone: ${lease.reason}`));
        if (!lease.expiresAt) continue;
        // The server's times are only compared with each other; what is left of the lease counts from before the call.
        const leftMs = lease.expiresAt.getTime() - answer.serverTime.getTime();
        one.endsAt = sent + leftMs;
        leaseMs = leftMs;
        nextMs = Math.min(nextMs, leftMs / 3);
      }
      for (const command of answer.commands) {
        if (command.kind === "cancel") continue;
        if (command.kind === "comment") hand(command);
        taken.push(command.id);
      }
    } catch (error) {
      nextMs = firstBeatMs;
      if (isUnknownAgent(error)) {
        nextMs = refusedBeatMs;
        const reason = `The factory refuses this agent: ${(error as Error).message}`;
        for (const one of live.values()) one.abort.abort(new Error(reason));
      }
    }
    for (const one of live.values()) {
      if (!one.isReporting && performance.now() > one.endsAt)
        one.abort.abort(new Error("The lease could not be renewed in time"));
    }
    const renewed = new Set(asked.map((lease) => lease.runId));
    const isEach = [...live.keys()].every((runId) => renewed.has(runId));
    schedule(isEach ? nextMs : Math.min(nextMs, firstBeatMs));
  }

  /** To the job on that task; one that came before, or reads differently now, is there once. */
  function hand(comment: { id: string; taskId: string; author: string; text: string }): void {
    for (const { job } of live.values()) {
      if (job.task.id !== comment.taskId) continue;
      const known = job.comments.findIndex(({ id }) => id === comment.id);
      job.comments.splice(known < 0 ? job.comments.length : known, 1, comment);
    }
  }

  function schedule(ms: number): void {
    if (stopped.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Never two at once: each acknowledges what the one before it brought.
      beating = beating.then(beat);
    }, ms);
  }

  schedule(0);
  return {
    /** Looks after one more job. How long a lease is comes with the first renewal, which is asked for at once. */
    add(one: LiveJob): void {
      one.endsAt = performance.now() + (leaseMs ?? defaultLeaseMs);
      live.set(one.job.run.id, one);
      taken.push(...one.job.context.comments.map(({ id }) => id));
      schedule(leaseMs === undefined ? 0 : firstBeatMs);
    },
    stop: async () => {
      stopped.abort();
      clearTimeout(timer);
      await beating;
    },
  };
}
