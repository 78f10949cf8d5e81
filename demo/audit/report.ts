import type { FileList, LicenceReview, LineCount, Proofreading } from "./results.ts";

export interface Findings {
  files: FileList;
  lines: LineCount;
  licences: LicenceReview;
  proofreading: Proofreading;
}

export interface Report {
  markdown: string;
  /** In one sentence. */
  verdict: string;
  problems: string[];
}

/** The audit as a Markdown page, from what the other agents have found and what a person decided. */
export function writeReport(findings: Findings): Report {
  const { files, lines, licences, proofreading } = findings;
  const problems = problemsOf(findings);
  const verdict = problems.length === 0 ? "Nothing stands in the way." : `To be dealt with: ${problems.join("; ")}.`;
  const markdown = [
    "# Audit of this repository",
    `**${verdict}**`,
    "## Files",
    `${plural(files.files.length, "file")}, ${Math.round(files.bytes / 1024)} KiB, ${
      files.source === "git" ? "as git tracks them" : "found by walking the folders"
    }.`,
    table(
      ["Language", "Files", "Lines"],
      lines.languages.map((row) => [row.language, row.files, row.lines]),
    ),
    "## Licences of the dependencies",
    `${plural(licences.packages, "installed package")}.`,
    table(
      ["Licence", "Packages"],
      licences.byLicence.map((row) => [row.licence, row.count]),
    ),
    ...licences.outside.map(decision),
    "## Marks of unfinished work",
    list(proofreading.marks.map(({ file, line, text }) => `\`${file}:${line}\` ${code(text)}`)),
    "## Links",
    `${plural(proofreading.linksChecked, "relative link")} in Markdown checked. Those that lead nowhere:`,
    list(proofreading.brokenLinks.map(({ file, line, target }) => `\`${file}:${line}\` leads to ${code(target)}`)),
  ].join("\n\n");
  return { markdown: `${markdown}\n`, verdict, problems };
}

function problemsOf({ licences, proofreading }: Findings): string[] {
  const packagesThatAre = (outcome: "refused" | "undecided") =>
    licences.outside.filter((row) => row.outcome === outcome).reduce((sum, row) => sum + row.packages.length, 0);
  const counts: [number, string][] = [
    [packagesThatAre("refused"), "package under a refused licence"],
    [packagesThatAre("undecided"), "package whose licence nobody decided on"],
    [proofreading.marks.length, "mark of unfinished work"],
    [proofreading.brokenLinks.length, "broken link"],
  ];
  return counts.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
}

const headings = {
  accepted: "Accepted though outside the allow-list",
  refused: "Refused: these have to be replaced",
  undecided: "Undecided",
};

function decision({ licence, packages, outcome, by, note }: LicenceReview["outside"][number]): string {
  const who = by ? ` Decided by ${by}${note ? `: “${note}”` : "."}` : "";
  return `### ${headings[outcome]}: ${licence}\n\n${packages.join(", ")}.${who}`;
}

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

const list = (items: string[]) => (items.length > 0 ? items.map((item) => `- ${item}`).join("\n") : "None.");
const code = (text: string) => `\`${text.replaceAll("`", "'")}\``;

/** "1 file", "3 files"; of a longer noun it is the first word that counts. */
function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  const [, head = noun, tail = ""] = /^(.*?(?:file|package|link|mark))( .*)?$/.exec(noun) ?? [];
  return `${count} ${head}s${tail}`;
}
