import { join } from "node:path";
import { z } from "zod";
import { handler, NonRetryable } from "../../client/index.ts";
import { askAbout } from "../audit/ask-about-licences.ts";
import { inBatches } from "../audit/in-batches.ts";
import { packageFolders, readPackage } from "../audit/packages.ts";
import { licenceReview } from "../audit/results.ts";
import { isAllowed } from "../audit/spdx.ts";
import { start } from "../audit/start.ts";

/** Reads what every installed package says of its licence, and asks people about those outside the allow-list. */
await start({
  "review-licences": handler({
    input: z.object({ allowed: z.array(z.string()) }),
    output: licenceReview,
    run: async (job) => {
      const folders = await packageFolders(join(process.cwd(), "node_modules"));
      if (folders.length === 0) throw new NonRetryable("No packages are installed here. Run `bun install` first.");
      const names = new Map<string, Set<string>>();
      await inBatches(job, folders, { size: 60, noun: "packages" }, async (folder) => {
        const found = await readPackage(folder);
        if (found) names.set(found.licence, (names.get(found.licence) ?? new Set()).add(found.name));
      });
      const byLicence = [...names].map(([licence, packages]) => ({ licence, packages: [...packages].sort() }));
      byLicence.sort((a, b) => b.packages.length - a.packages.length || a.licence.localeCompare(b.licence));
      const outside = byLicence.filter(({ licence }) => !isAllowed(licence, job.input.allowed));
      job.log(`${byLicence.length} licences, ${outside.length} of them outside the allow-list`);
      return {
        kind: "licences" as const,
        packages: byLicence.reduce((sum, { packages }) => sum + packages.length, 0),
        byLicence: byLicence.map(({ licence, packages }) => ({ licence, count: packages.length })),
        outside: await askAbout(job, outside),
      };
    },
  }),
});
