import type { Stand } from "./stand.ts";

export interface Scenario {
  /** As in --only. */
  name: string;
  /** What a good agent does. */
  title: string;
  /** Where docs/agents.md asks for it. */
  rule: string;
  /** What the author of an agent that fails should do. */
  advice: string;
  /** The others rest on it. */
  isBasic?: boolean;
  /** It stops processes by signals, which Windows has not. */
  needsSignals?: boolean;
  /** It ends the server, so it gets one of its own. */
  endsServer?: boolean;
  /** Answers with what was seen; throws `Fault` when a rule was broken. */
  run(stand: Stand): Promise<string>;
}

/** The program broke a rule: what was seen, and what to do where the scenario's own advice does not fit. */
export class Fault extends Error {
  constructor(
    seen: string,
    readonly advice?: string,
  ) {
    super(seen);
  }
}

/** The scenario says nothing about this program. */
export class NotApplicable extends Error {}

export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The rules of these numbers in docs/agents.md. */
export const rules = (...numbers: number[]) =>
  `docs/agents.md#the-rules, rule${numbers.length > 1 ? "s" : ""} ${numbers.join(" and ")}`;
