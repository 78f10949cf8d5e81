// The loop of an agent without our client. FACTORY_URL=… FACTORY_TOKEN=wfd_… node demo/plain-agent.mjs   (or bun)
import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";

const { FACTORY_URL, FACTORY_TOKEN } = process.env;
const headers = { authorization: `Bearer ${FACTORY_TOKEN}` };
const factory = createTRPCClient({
  links: [httpLink({ url: `${FACTORY_URL}/trpc`, transformer: superjson, headers })],
});

for (;;) {
  // Answered as soon as there is work, with none after 25 s.
  for (const { task, run } of await factory.tasks.claim.mutate({ waitMs: 25_000 })) await perform(task, run);
}

async function perform(task, run) {
  const lease = { runId: run.id, leaseToken: run.leaseToken };
  const stop = new AbortController();
  const beat = keepLease(lease, stop);
  try {
    const result = await greet(task.input, stop.signal);
    if (!stop.signal.aborted) await factory.runs.complete.mutate({ ...lease, result });
  } catch (error) {
    if (!stop.signal.aborted) await factory.runs.fail.mutate({ ...lease, error: String(error) });
  } finally {
    clearInterval(beat);
  }
}

/** For leases of 60 s. Stops the work when the factory says that the lease is gone, or was not heard for too long. */
function keepLease(lease, stop) {
  let renewed = performance.now();
  return setInterval(async () => {
    try {
      const { leases } = await factory.agents.heartbeat.mutate({ runs: [lease] });
      if (leases[0]?.ok) renewed = performance.now();
      else stop.abort();
    } catch {
      if (performance.now() - renewed > 45_000) stop.abort();
    }
  }, 15_000);
}

async function greet(input) {
  if (!input?.name) throw new Error("The input needs a name");
  return { greeting: `Hi ${input.name}!` };
}
