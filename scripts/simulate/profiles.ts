import type { Profile } from "./agent.ts";
import { chatty } from "./profiles/chatty.ts";
import { crashing } from "./profiles/crashing.ts";
import { fast } from "./profiles/fast.ts";
import { hanging } from "./profiles/hanging.ts";
import { offline } from "./profiles/offline.ts";
import { overConfident } from "./profiles/over-confident.ts";
import { slow } from "./profiles/slow.ts";

export const profiles = {
  fast,
  slow,
  crashing,
  hanging,
  "over-confident": overConfident,
  chatty,
  offline,
} satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]];

/** Each twentieth agent of a mixture; the first seven are one of each. */
const mixture: ProfileName[] = [
  ...profileNames,
  ...Array<ProfileName>(8).fill("fast"),
  ...Array<ProfileName>(2).fill("slow"),
  "chatty",
  "over-confident",
  "offline",
];

/** The profile of the agent with this number, counted from 0. */
export function profileOf(wanted: ProfileName | "mixed", index: number): ProfileName {
  return wanted === "mixed" ? (mixture[index % mixture.length] ?? "fast") : wanted;
}
