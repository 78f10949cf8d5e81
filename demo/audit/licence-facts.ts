import { notStated } from "./packages.ts";

/** What a person who decides should know about the licences that turn up most outside permissive allow-lists. */
const facts: [pattern: RegExp, fact: string][] = [
  [/^MPL-/, "changes to its own files must be published under the same licence; using it unchanged asks for nothing"],
  [/^CC-BY-\d/, "asks for credit to the authors; meant for texts and data rather than code"],
  [/^LGPL-/, "changes to the library must be published; linking to it is free"],
  [/^A?GPL-/, "what contains it must be published under the same licence"],
];

export function factAbout(licence: string): string {
  if (licence === notStated) return "without a licence nothing is granted; ask the author or look into its files";
  return facts.find(([pattern]) => pattern.test(licence))?.[1] ?? "not known to this agent; read its text";
}

/**
 * How sure the agent is that these can be accepted, 0 to 1: high where all that is asked is known and light, low where a
 * licence is unknown, missing or binds the whole product.
 */
export function confidenceIn(licences: readonly string[]): number {
  const each = licences.map((licence) => {
    if (/^(MPL|CC-BY)-/.test(licence)) return 0.9;
    if (/^LGPL-/.test(licence)) return 0.7;
    return licence === notStated ? 0.55 : 0.3;
  });
  return Math.min(1, ...each);
}
