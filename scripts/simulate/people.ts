import { sleep } from "../../client/backoff.ts";
import type { personClient } from "../../tests/support/sign-in.ts";

const everyMs = 250;

/** Decides on what these agents suggest: nine in ten are turned down. */
export async function decide(
  api: ReturnType<typeof personClient>,
  { agents, random, signal }: { agents: Set<string>; random: () => number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    // A factory that is away is asked again; a suggestion that has lapsed meanwhile needs no decision.
    const open = await api.suggestions.list.query({ status: "pending", limit: 200 }, { signal }).catch(() => undefined);
    const ours = (open?.items ?? []).filter((one) => agents.has(one.agentId));
    await Promise.allSettled(
      ours.map(({ id }) =>
        random() < 0.9
          ? api.suggestions.reject.mutate({ id, reason: "Simulated: there is a gentler way." }, { signal })
          : api.suggestions.approve.mutate({ id }, { signal }),
      ),
    );
  }
}
