interface Issue {
  path: PropertyKey[];
  message: string;
  /** Of a value that may be one of several things: what each of them found. */
  errors?: Issue[][];
}

/** What a schema found wrong with an address, in a sentence for each part of it; undefined for other refusals. */
export function wrongParts(cause: unknown): string | undefined {
  const issues = (cause as { issues?: Issue[] } | null | undefined)?.issues;
  return Array.isArray(issues) ? [...new Set(issues.map(sentenceOf))].join(" ") : undefined;
}

function sentenceOf(issue: Issue): string {
  const found = issue.errors?.find((branch) => branch.length > 0)?.[0];
  const message = found?.message ?? issue.message;
  const part = issue.path.join(".");
  return part ? `“${part}” does not fit: ${message}` : message;
}
