import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export interface Link {
  line: number;
  target: string;
}

const inline = /!?\[[^\]]*\]\(\s*<?([^\s)>]+)>?(?:\s+["'(][^)]*)?\)/g;
const reference = /^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/g;
const elsewhere = /^([a-z][a-z0-9+.-]*:|\/\/|#)/i;

/** Links of a Markdown text to other files, with their lines. Code is not looked at. */
export function relativeLinks(markdown: string): Link[] {
  let isCode = false;
  return markdown.split("\n").flatMap((line, i) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    if (isCode) return [];
    const prose = line.replace(/`[^`]*`/g, "");
    const targets = [...prose.matchAll(inline), ...prose.matchAll(reference)].map((match) => match[1] ?? "");
    return targets.filter((target) => !elsewhere.test(target)).map((target) => ({ line: i + 1, target }));
  });
}

/** Whether a link in `file` leads to something that is there. A leading slash means the root of the checkout. */
export function leadsSomewhere(root: string, file: string, target: string): boolean {
  const [path = ""] = target.split(/[?#]/);
  const from = path.startsWith("/") ? "" : dirname(file);
  const to = normalize(join(from, decoded(path)));
  return !to.startsWith("..") && existsSync(join(root, to));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
