import type { Finding } from "./check.ts";

const marks = { passed: "✓", failed: "✗", "not applicable": "–", "not tried": "–" } as const;
const width = 12;
const indent = " ".repeat(2 + width);

/** A finding as lines for people. */
export function linesOf(finding: Finding): string {
  const { name, title, verdict, seen, rule, advice, lastWords = [], seconds } = finding;
  const head = `${marks[verdict]} ${name.padEnd(width)}${title} · ${verdict}`;
  if (verdict !== "failed") return `${head}${seconds ? ` in ${seconds.toFixed(1)} s` : ""}\n${indent}${seen}`;
  return [
    `${head} in ${seconds.toFixed(1)} s`,
    `${indent}Seen: ${seen}`,
    `${indent}Rule: ${rule}`,
    `${indent}Do:   ${advice}`,
    ...(lastWords.length > 0
      ? [`${indent}The program's last words:`, ...lastWords.map((line) => `${indent}  ${line}`)]
      : []),
  ].join("\n");
}

export function closingLine(findings: Finding[]): string {
  const count = (verdict: Finding["verdict"]) => findings.filter((one) => one.verdict === verdict).length;
  const others = (["not applicable", "not tried"] as const).filter((verdict) => count(verdict) > 0);
  return [
    `${count("passed")} passed`,
    `${count("failed")} failed`,
    ...others.map((verdict) => `${count(verdict)} ${verdict}`),
  ].join(", ");
}
