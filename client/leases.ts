import type { FactoryClient } from "./create-client.ts";
import type { OpenJob } from "./job.ts";

export interface LiveJob {
  job: OpenJob;
  /** Ends the job's work; nothing is reported afterwards. */
  abort: AbortController;
  /** By this process's own monotonic clock, when the lease ends unless it is renewed. */
  endsAt: number;
}

const firstBeatMs = 1_000;
const idleBeatMs = 15_000;

/**
 * Keeps the leases of all live jobs: one heartbeat for them together, at a third of a lease's length. A job whose lease
 * the server has ended, or that could not be renewed in time, is aborted. Comments and cancellations come with the answer.
 */
export function keepLeases(client: FactoryClient, live: Map<string, LiveJob>, version: string | undefined) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let acknowledged: string[] = [];
  let isStopped = false;
  let beating: Promise<void> | undefined;

  async function beat(): Promise<void> {
    const asked = [...live.values()].map(({ job }) => ({ runId: job.run.id, leaseToken: job.run.leaseToken }));
    const sent = performance.now();
    let nextMs = idleBeatMs;
    try {
      const answer = await client.agents.heartbeat.mutate({
        runs: asked,
        ack: acknowledged,
        ...(version && { version }),
      });
      acknowledged = [];
      for (const lease of answer.leases) {
        const one = live.get(lease.runId);
        if (!one) continue;
        if (!lease.ok) one.abort.abort(new Error(`The lease is gone: ${lease.reason}`));
        if (!lease.expiresAt) continue;
        // The server's times are only compared with each other; what is left of the lease counts from before the call.
        const leftMs = lease.expiresAt.getTime() - answer.serverTime.getTime();
        one.endsAt = sent + leftMs;
        nextMs = Math.min(nextMs, leftMs / 3);
      }
      for (const command of answer.commands) {
        if (command.kind === "cancel") continue;
        acknowledged.push(command.id);
        if (command.kind !== "comment") continue;
        for (const { job } of live.values()) if (job.task.id === command.taskId) job.comments.push(command);
      }
    } catch {
      nextMs = firstBeatMs;
    }
    for (const one of live.values()) {
      if (performance.now() > one.endsAt) one.abort.abort(new Error("The lease could not be renewed in time"));
    }
    const renewed = new Set(asked.map((lease) => lease.runId));
    const isEach = [...live.keys()].every((runId) => renewed.has(runId));
    schedule(isEach ? nextMs : Math.min(nextMs, firstBeatMs));
  }

  function schedule(ms: number): void {
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      beating = beat();
    }, ms);
  }

  schedule(0);
  return {
    /** A job was added: renew soon, which also tells how long a lease is. */
    added: () => schedule(firstBeatMs),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await beating;
    },
  };
}
