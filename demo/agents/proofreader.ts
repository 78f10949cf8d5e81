import { extname, join } from "node:path";
import { readText } from "../audit/count-lines.ts";
import { inBatches } from "../audit/in-batches.ts";
import { leadsSomewhere, relativeLinks } from "../audit/links.ts";
import { findMarks } from "../audit/marks.ts";
import { fileList, type Proofreading, resultFor } from "../audit/results.ts";
import { start } from "../audit/start.ts";

const root = process.cwd();

/** Looks for marks of unfinished work everywhere, and in Markdown for links that lead nowhere. */
await start({
  proofread: async (job) => {
    const { files } = resultFor(job, fileList);
    const found: Proofreading = { kind: "proofreading", marks: [], linksChecked: 0, brokenLinks: [] };
    await inBatches(job, files, { size: 30, noun: "files" }, async (file) => {
      const text = await readText(join(root, file));
      if (text === undefined) return;
      for (const { line, text: words } of findMarks(text)) {
        found.marks.push({ file, line, text: words });
        job.log(`${file}:${line} ${words}`, "warn");
      }
      if (extname(file) !== ".md") return;
      for (const { line, target } of relativeLinks(text)) {
        found.linksChecked++;
        if (leadsSomewhere(root, file, target)) continue;
        found.brokenLinks.push({ file, line, target });
        job.log(`${file}:${line} leads to ${target}, which is not there`, "warn");
      }
    });
    job.log(`${found.marks.length} marks, ${found.brokenLinks.length} of ${found.linksChecked} links broken`);
    const byPlace = (a: { file: string; line: number }, b: { file: string; line: number }) =>
      a.file.localeCompare(b.file) || a.line - b.line;
    found.marks.sort(byPlace);
    found.brokenLinks.sort(byPlace);
    return found;
  },
});
