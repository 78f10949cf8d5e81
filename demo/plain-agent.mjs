// The loop of an agent without our client. FACTORY_URL=… FACTORY_TOKEN=wfd_… node demo/plain-agent.mjs   (or bun)
import { setTimeout as sleep } from "node:timers/promises";
import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";

const { FACTORY_URL, FACTORY_TOKEN } = process.env;
const headers = { authorization: `Bearer ${FACTORY_TOKEN}` };
const factory = createTRPCClient({
  links: [httpLink({ url: `${FACTORY_URL}/trpc`, transformer: superjson, headers })],
});

const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stopping.abort());

while (!stopping.signal.aborted) {
  // Answered as soon as there is work, with none after 25 s.
  const claims = await persist((signal) => factory.tasks.claim.mutate({ waitMs: 25_000 }, { signal }), stopping.signal);
  for (const { task, run } of claims ?? []) await perform(task, run);
}

async function perform(task, run) {
  const lease = { runId: run.id, leaseToken: run.leaseToken };
  const over = new AbortController();
  const beating = keepLease(lease, over);
  const report = await greet(task.input, over.signal).then(
    (result) => (signal) => factory.runs.complete.mutate({ ...lease, result }, { signal }),
    (error) => (signal) => factory.runs.fail.mutate({ ...lease, error: String(error) }, { signal }),
  );
  await persist(report, over.signal);
  over.abort();
  await beating;
}

/** Renews the lease at a third of its length. When it is gone, or was not renewed in its time, the run is over. */
async function keepLease(lease, over) {
  let endsAt = Number.POSITIVE_INFINITY;
  while (!over.signal.aborted) {
    let waitMs = 1_000;
    const asked = performance.now();
    try {
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(5_000)]);
      const { serverTime, leases } = await factory.agents.heartbeat.mutate({ runs: [lease] }, { signal });
      if (!leases[0].ok) return over.abort();
      const leftMs = leases[0].expiresAt - serverTime;
      endsAt = asked + leftMs;
      waitMs = leftMs / 3;
    } catch {
      if (performance.now() > endsAt) return over.abort();
    }
    await pause(waitMs, over.signal);
  }
}

/** Repeats a call until the factory answers it. Nothing when the signal aborts, or the factory says that the run is over. */
async function persist(call, signal) {
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      return await call(AbortSignal.any([signal, AbortSignal.timeout(40_000)]));
    } catch (error) {
      const { httpStatus = 503, retryAfter = 0 } = error.data ?? {};
      if (httpStatus === 409) return;
      if (httpStatus < 500 && httpStatus !== 429 && !signal.aborted) throw error;
      await pause(Math.max(Math.random() * Math.min(30_000, 200 * 2 ** tries), retryAfter * 1000), signal);
    }
  }
}

/** Waits for so long, or until the signal aborts. */
function pause(ms, signal) {
  return sleep(ms, undefined, { signal }).catch(() => {});
}

async function greet(input, signal) {
  if (!input?.name) throw new Error("The input needs a name");
  await sleep((input.seconds ?? 0) * 1000, undefined, { signal });
  return { greeting: `Hi ${input.name}!` };
}
