import type { Fetch } from "../../client/create-client.ts";
import type { Claim } from "../../client/index.ts";

/** One simulated agent: what it is called, the way to the factory, and its own dice. */
export interface SimAgent {
  name: string;
  url: string;
  token: string;
  fetch: Fetch;
  /** Numbers from 0 to 1, the same for the same seed. */
  random: () => number;
  /** The end of the simulation. */
  signal: AbortSignal;
  /** Its tasks need this, so that nobody else takes them. */
  capability: string;
  /** Work that the simulation does not end without: a report that will come late. */
  late(work: Promise<void>): Promise<void>;
}

/** Behaves in its way until the signal aborts. */
export type Profile = (agent: SimAgent) => Promise<void>;

/** What a simulated task asks for, as its input. */
export interface Work {
  ms: number;
  /** The agent fails at it: in the first attempt, or always. */
  fails?: "once" | "always";
}

export const workOf = (claim: Pick<Claim, "task">): Work => claim.task.input as Work;

/** A result that no other attempt can have. */
export const resultOf = (agent: SimAgent, claim: Pick<Claim, "run">) => ({
  by: agent.name,
  attempt: claim.run.attempt,
  run: claim.run.id,
});

/** Now and then, and the first time for certain: a short simulation shows every fault. */
export function nowAndThen({ random }: SimAgent, share: number): () => boolean {
  let isFirst = true;
  return () => {
    const isNow = isFirst || random() < share;
    isFirst = false;
    return isNow;
  };
}
