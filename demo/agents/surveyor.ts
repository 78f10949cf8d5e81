import { z } from "zod";
import { handler } from "../../client/index.ts";
import { LineCounter } from "../audit/count-lines.ts";
import { inBatches } from "../audit/in-batches.ts";
import { listFiles } from "../audit/list-files.ts";
import { fileList, resultFor } from "../audit/results.ts";
import { start } from "../audit/start.ts";

/** Finds the files of the checkout and counts their lines. */
await start({
  "list-files": handler({
    input: z.object({ folder: z.string().default(".") }).nullable(),
    output: fileList,
    run: async (job) => {
      const list = await listFiles(process.cwd(), job.input?.folder);
      job.log(`${list.files.length} files, ${list.source === "git" ? "as git tracks them" : "found without git"}`);
      await job.progress(95, "Sorted by path");
      return list;
    },
  }),

  "count-lines": async (job) => {
    const { files } = resultFor(job, fileList);
    const counter = new LineCounter();
    await inBatches(job, files, { size: 30, noun: "files" }, (file) => counter.add(process.cwd(), file));
    const count = counter.result();
    for (const { language, files, lines } of count.languages) job.log(`${language}: ${lines} lines in ${files} files`);
    return count;
  },
});
