import type { CreateWorkflow } from "../../server/services/workflows/create.ts";

const allowed = ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0", "CC0-1.0"];

/** The work of the sample agents: a real audit of the checkout that they run in. */
export const auditWorkflow = {
  name: "Audit this repository",
  description:
    "Sample workflow with real results: four sample agents look through this very checkout. The licence clerk stops and " +
    "asks what to do about licences outside the allow-list; decide in the inbox. The report is an artifact of the last task.",
  tasks: [
    {
      key: "files",
      name: "List the files",
      description: "The input names the folder to look through: the checkout, or a folder in it.",
      input: { folder: "." },
      priority: "high",
      labels: ["sample"],
      requiredCapabilities: ["list-files"],
      dependsOn: [],
    },
    {
      key: "licences",
      name: "Read the licence of every dependency",
      description: "Licences outside the allow-list in the input need a person's decision.",
      priority: "high",
      labels: ["sample"],
      requiredCapabilities: ["review-licences"],
      input: { allowed: [...allowed, "Unlicense", "Python-2.0"] },
      dependsOn: [],
    },
    {
      key: "lines",
      name: "Count lines by language",
      labels: ["sample"],
      requiredCapabilities: ["count-lines"],
      dependsOn: ["files"],
    },
    {
      key: "proofread",
      name: "Find marks of unfinished work and broken links",
      labels: ["sample"],
      requiredCapabilities: ["proofread"],
      dependsOn: ["files"],
    },
    {
      key: "report",
      name: "Write the report",
      priority: "low",
      labels: ["sample"],
      requiredCapabilities: ["write-report"],
      dependsOn: ["files", "lines", "licences", "proofread"],
    },
  ],
} satisfies CreateWorkflow;
