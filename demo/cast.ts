/** The agents of the sample factory. Those with a program work while the demo runs; the others only have a history. */
export const cast = [
  {
    name: "Surveyor",
    description: "Sample agent: lists the files of this checkout and counts their lines.",
    capabilities: ["list-files", "count-lines"],
    program: "surveyor",
  },
  {
    name: "Licence clerk",
    description: "Sample agent: reads the licences of all dependencies and asks about unusual ones.",
    capabilities: ["review-licences"],
    program: "licence-clerk",
  },
  {
    name: "Proofreader",
    description: "Sample agent: looks for marks of unfinished work and for links that lead nowhere.",
    capabilities: ["proofread"],
    program: "proofreader",
  },
  {
    name: "Reporter",
    description: "Sample agent: writes the report from what the others have found.",
    capabilities: ["write-report"],
    program: "reporter",
  },
  {
    name: "Sample drafter",
    description: "Sample agent with a made-up history and no program behind it.",
    capabilities: ["sample-drafting"],
    program: null,
  },
  {
    name: "Sample link watcher",
    description: "Sample agent with a made-up history and no program behind it.",
    capabilities: ["sample-link-watching"],
    program: null,
  },
] as const;

export type CastName = (typeof cast)[number]["name"];
