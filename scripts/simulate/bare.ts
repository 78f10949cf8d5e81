import { fullJitter, sleep } from "../../client/backoff.ts";
import { createCaller } from "../../client/caller.ts";
import { lostLease } from "../../client/errors.ts";
import { type Claim, createClient } from "../../client/index.ts";
import { resultOf, type SimAgent, workOf } from "./agent.ts";

const claimWaitMs = 10_000;
const beatTimeoutMs = 5_000;

/** A claimed task in the hands of an agent that does with it as it likes. */
export interface Held {
  claim: Claim;
  /** How long the task's work takes. */
  workMs: number;
  /** How long a lease is, by a heartbeat that renews this one; 0 when it is gone. */
  leaseMs(): Promise<number>;
  /** Renews the lease at a third of its length until the factory says that it is gone, or until `done` aborts. */
  keepAlive(done?: AbortSignal): Promise<void>;
  /** Reports the end, whether the lease still holds or not. */
  report(): Promise<void>;
  /** Reports it after so many times the lease's length, without a word meanwhile. */
  reportLate(leases: number): Promise<void>;
}

/** The loop of an agent without `runAgent`, whose manners are those of `perform`. It goes on after refusals. */
export async function bareAgent(agent: SimAgent, perform: (held: Held) => Promise<void>): Promise<void> {
  const { signal } = agent;
  const client = createClient(agent);
  const { persist } = createCaller(() => {});

  while (!signal.aborted) {
    const asked = performance.now();
    try {
      const [claim] = await persist({ signal, timeoutMs: claimWaitMs + 15_000 }, (signal) =>
        client.tasks.claim.mutate({ max: 1, waitMs: claimWaitMs }, { signal }),
      );
      if (claim) await perform(hold(claim));
      else if (performance.now() - asked < claimWaitMs / 2) await sleep(fullJitter(4, agent.random()), signal);
    } catch (error) {
      if (!signal.aborted && !lostLease(error)) throw error;
    }
  }

  function hold(claim: Claim): Held {
    const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };

    async function leaseMs(): Promise<number> {
      const { serverTime, leases } = await persist({ signal, timeoutMs: beatTimeoutMs }, (signal) =>
        client.agents.heartbeat.mutate({ runs: [lease] }, { signal }),
      );
      const expiresAt = leases[0]?.ok && leases[0].expiresAt;
      return expiresAt ? Math.max(0, expiresAt.getTime() - serverTime.getTime()) : 0;
    }

    async function report(): Promise<void> {
      const body = { ...lease, result: resultOf(agent, claim) };
      await persist({ signal }, (signal) => client.runs.complete.mutate(body, { signal }));
    }

    return {
      claim,
      workMs: workOf(claim).ms,
      leaseMs,
      async keepAlive(done = signal) {
        while (!done.aborted && !signal.aborted) {
          const left = await leaseMs();
          if (left === 0) return;
          await sleep(left / 3, done);
        }
      },
      report,
      async reportLate(leases) {
        const away = (await leaseMs()) * leases;
        await agent.late(sleep(away, signal).then(report));
      },
    };
  }
}

/** Works at the task and reports, as it should. */
export async function finish(held: Held): Promise<void> {
  const done = new AbortController();
  const work = sleep(held.workMs).then(() => done.abort());
  await Promise.all([work, held.keepAlive(done.signal)]);
  await held.report();
}
