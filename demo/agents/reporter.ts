import { writeReport } from "../audit/report.ts";
import { fileList, licenceReview, lineCount, proofreading, resultFor } from "../audit/results.ts";
import { start } from "../audit/start.ts";

/** Puts together what the others have found. */
await start({
  "write-report": async (job) => {
    const report = writeReport({
      files: resultFor(job, fileList),
      lines: resultFor(job, lineCount),
      licences: resultFor(job, licenceReview),
      proofreading: resultFor(job, proofreading),
    });
    await job.artifact({ name: "audit-report.md", mime: "text/markdown", content: report.markdown });
    job.log(report.verdict);
    await job.comment(`The report is attached to this task: **audit-report.md**. ${report.verdict}`);
    return { kind: "report", verdict: report.verdict, problems: report.problems };
  },
});
