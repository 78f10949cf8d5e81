import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { LineCount } from "./results.ts";

const languages: Record<string, string> = {
  ".ts": "TypeScript",
  ".tsx": "TypeScript (React)",
  ".js": "JavaScript",
  ".mjs": "JavaScript",
  ".css": "CSS",
  ".sql": "SQL",
  ".md": "Markdown",
  ".json": "JSON",
  ".yml": "YAML",
  ".yaml": "YAML",
  ".toml": "TOML",
  ".sh": "Shell",
  ".html": "HTML",
  ".svg": "SVG",
};

/** Lines by language of the files added so far. What holds a zero byte is no text and is left out. */
export class LineCounter {
  #counts = new Map<string, { files: number; lines: number }>();

  async add(root: string, path: string): Promise<void> {
    const text = await readText(join(root, path));
    if (text === undefined) return;
    const language = languages[extname(path)] ?? "Other";
    const { files, lines } = this.#counts.get(language) ?? { files: 0, lines: 0 };
    this.#counts.set(language, { files: files + 1, lines: lines + linesOf(text) });
  }

  /** Most lines first. */
  result(): LineCount {
    const rows = [...this.#counts].map(([language, count]) => ({ language, ...count }));
    return { kind: "lines", languages: rows.toSorted((a, b) => b.lines - a.lines) };
  }
}

/** A last line without a line end counts; an empty file has none. */
export function linesOf(text: string): number {
  const ends = text.split("\n").length - 1;
  return text === "" || text.endsWith("\n") ? ends : ends + 1;
}

/** The text of a file; undefined for binary content and for what has gone meanwhile. */
export async function readText(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined);
  return content && !content.includes(0) ? content.toString("utf8") : undefined;
}
