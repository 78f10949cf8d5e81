import { clockTime } from "~/lib/format.ts";
import type { LogLevel } from "../../../db/enums.ts";
import { ExactTime } from "./ExactTime.tsx";

export interface LogLine {
  seq: number;
  level: LogLevel;
  text: string;
  at: Date;
}

const inks: Record<LogLevel, string> = {
  debug: "text-muted",
  info: "",
  warn: "text-waiting",
  error: "text-failed",
};

/** A run's log; it scrolls by itself, so it can take the focus. */
export function LogBlock({ lines, label }: { lines: LogLine[]; label: string }) {
  if (lines.length === 0) return <p className="mt-2 text-sm text-muted">This run has logged nothing.</p>;
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-2 max-h-72 overflow-auto rounded-lg bg-well p-3 font-mono text-xs leading-5"
    >
      <ol>
        {lines.map((line) => (
          <li key={line.seq} className="break-words whitespace-pre-wrap">
            <span className="text-muted">
              <ExactTime at={line.at} as={clockTime} />
            </span>{" "}
            {line.level === "info" ? null : <span className={inks[line.level]}>{line.level} </span>}
            {line.text}
          </li>
        ))}
      </ol>
    </section>
  );
}
