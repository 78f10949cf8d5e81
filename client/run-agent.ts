import { fullJitter, sleep } from "./backoff.ts";
import { createCaller } from "./caller.ts";
import { createClient, type Fetch } from "./create-client.ts";
import { isRefused, isTransient, lostLease, NonRetryable } from "./errors.ts";
import { type Handler, handlerFor } from "./handlers.ts";
import { type Claim, openJob, type Result } from "./job.ts";
import { keepLeases, type LiveJob } from "./leases.ts";
import { storable } from "./text.ts";

export interface AgentOptions {
  /** The address of the factory. */
  url: string;
  token: string;
  /** As in `createClient`. */
  fetch?: Fetch | undefined;
  /** By capability; "*" takes what no other handler takes. What a handler returns is the task's result. */
  handlers: Record<string, Handler>;
  /** Tasks at once; the agent's own maximum in the factory holds as well. Default 1. */
  concurrency?: number;
  /** Stops the agent, as SIGTERM does. */
  signal?: AbortSignal;
  /** Shown with the agent. */
  version?: string;
  /** How long jobs may go on after the stop before they are handed back. Default 30,000. */
  drainMs?: number;
  /** Told of what went wrong outside the handlers. Default: console.error. */
  onError?: (error: unknown) => void;
  /** Told when the factory stops answering and when it is back. Default: console.warn. */
  onNotice?: (message: string) => void;
}

const claimWaitMs = 25_000;
const lastWordMs = 5_000;

/**
 * Works until it is stopped: claims tasks, renews their leases, runs the handlers and reports. Resolves when it has
 * drained; rejects when the factory refuses the agent itself (a wrong or revoked token).
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { handlers, concurrency = 1, drainMs = 30_000, onError = console.error } = options;
  const client = createClient(options);
  const line = { client, onError, ...createCaller(options.onNotice ?? console.warn) };
  const { persist, attempt } = line;
  const live = new Map<string, LiveJob>();
  const working = new Set<Promise<void>>();
  const stop = new AbortController();
  const onStop = () => stop.abort();
  process.once("SIGTERM", onStop);
  process.once("SIGINT", onStop);
  options.signal?.addEventListener("abort", onStop, { once: true });
  if (options.signal?.aborted) onStop();
  const leases = keepLeases(line, live, options.version);
  let handingBack: Promise<void> | undefined;

  try {
    await Promise.race([leases.ready, aborted(stop.signal)]);
    while (!stop.signal.aborted) {
      const free = concurrency - working.size;
      if (free <= 0) {
        await Promise.race([...working, aborted(stop.signal)]);
        continue;
      }
      for (const claimed of await claim(free)) start(claimed);
      // A turn of the event loop, so that a server which answers at once cannot starve the handlers.
      await sleep(0);
    }
  } finally {
    await Promise.all([drain(), handingBack]);
    await leases.stop();
    process.removeListener("SIGTERM", onStop);
    process.removeListener("SIGINT", onStop);
  }

  async function claim(max: number): Promise<Claim[]> {
    // While jobs run, a slot may become free at any moment: a shorter wait lets the next claim ask for all of them.
    const waitMs = working.size > 0 ? claimWaitMs / 5 : claimWaitMs;
    const asked = performance.now();
    const body = { max, waitMs, idempotencyKey: crypto.randomUUID() };
    try {
      const claims = await persist({ signal: stop.signal, timeoutMs: waitMs + 15_000 }, (signal) =>
        client.tasks.claim.mutate(body, { signal }),
      );
      // An empty answer before its time comes from a server that is going down: no reason to ask it in a circle.
      if (claims.length === 0 && performance.now() - asked < waitMs / 2) await sleep(fullJitter(4), stop.signal);
      return claims;
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      handingBack = handBackUnheard(body.idempotencyKey);
      return [];
    }
  }

  function start(claimed: Claim): void {
    const abort = new AbortController();
    const job = openJob(line, claimed, abort);
    leases.add({ job, abort, endsAt: 0, isReporting: false });
    const work = perform(job.run.id)
      .catch(onError)
      .finally(() => {
        live.delete(claimed.run.id);
        working.delete(work);
      });
    working.add(work);
  }

  /** Runs the handler and reports its end, once, and not at all when the lease is gone. */
  async function perform(runId: string): Promise<void> {
    const one = live.get(runId);
    if (!one) return;
    const { job, abort } = one;
    const lease = { runId, leaseToken: job.run.leaseToken };
    const report = async (call: (signal: AbortSignal) => Promise<unknown>) => {
      if (abort.signal.aborted) return;
      one.isReporting = true;
      try {
        await job.flushLog();
        await persist({ signal: abort.signal }, call);
      } catch (error) {
        if (!lostLease(error) && !abort.signal.aborted) throw error;
      }
    };
    try {
      const work = handlerFor(handlers, job.task.requiredCapabilities);
      if (!work) throw new NonRetryable(`This agent has no handler for ${job.task.requiredCapabilities.join(", ")}`);
      const result = (await work(job)) ?? null;
      const summary = job.lastSummary();
      const done = { ...lease, result: jsonOf(result), ...(summary && { summary }) };
      await report((signal) => client.runs.complete.mutate(done, { signal }));
    } catch (error) {
      if (abort.signal.aborted || lostLease(error)) return;
      // A result that the factory refuses will be the same next time.
      const isHopeless = one.isReporting && isRefused(error);
      const failed = { ...lease, error: messageOf(error), retryable: isRetryable(error) && !isHopeless };
      await report((signal) => client.runs.fail.mutate(failed, { signal }));
    }
  }

  /** Lets jobs finish for a while, then hands back what is left. */
  async function drain(): Promise<void> {
    const late = new AbortController();
    await Promise.race([Promise.all(working), sleep(drainMs, late.signal)]);
    late.abort();
    const left = [...live.values()];
    await Promise.all(
      left.map(async ({ job, abort }) => {
        abort.abort(new Error("The agent is stopping"));
        await handBack(job.run);
      }),
    );
  }

  /** The stop met a claim on its way: what it has brought, nobody would hold until the lease ended. */
  async function handBackUnheard(idempotencyKey: string): Promise<void> {
    const claims = await once((signal) => client.tasks.claim.mutate({ max: 0, waitMs: 0, idempotencyKey }, { signal }));
    await Promise.all((claims ?? []).map(({ run }) => handBack(run)));
  }

  async function handBack({ id: runId, leaseToken }: Claim["run"]): Promise<void> {
    const body = { runId, leaseToken, reason: "The agent was stopped" };
    await once((signal) => client.runs.release.mutate(body, { signal }));
  }

  /** A last word, tried once. That the factory is away was said already; the lease will run out. */
  async function once<Answer>(call: (signal: AbortSignal) => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await attempt({ signal: new AbortController().signal, timeoutMs: lastWordMs }, call);
    } catch (error) {
      if (!isTransient(error)) onError(error);
      return undefined;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** As the factory gets it. What is no JSON now will be none next time. */
function jsonOf(result: unknown): Result {
  try {
    return JSON.parse(JSON.stringify(result));
  } catch (error) {
    throw new NonRetryable(`The handler returned what cannot be written as JSON: ${messageOf(error)}`);
  }
}

function isRetryable(error: unknown): boolean {
  // A schema's refusal of the input will be the same next time.
  return !(error instanceof NonRetryable) && !(error instanceof Error && error.name === "ZodError");
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return storable(text, 10_000) || "The handler failed without a message";
}
