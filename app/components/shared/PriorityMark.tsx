import { sentence } from "~/lib/format.ts";
import type { Priority } from "../../../db/enums.ts";

const filledBars: Record<Priority, number> = { high: 3, medium: 2, low: 1 };
const bars = [
  { x: 1, y: 8, height: 3 },
  { x: 5, y: 5, height: 6 },
  { x: 9, y: 2, height: 9 },
];

/** Three rising bars; with `isQuiet` the word is for screen readers only, as on a card. */
export function PriorityMark({ priority, isQuiet = false }: { priority: Priority; isQuiet?: boolean }) {
  const word = sentence(priority);
  return (
    <span
      className={`inline-flex items-center gap-1.5 align-middle ${priority === "high" ? "text-high" : "text-muted"}`}
      title={`${word} priority`}
    >
      <svg aria-hidden="true" viewBox="0 0 12 12" className="size-3 shrink-0">
        {bars.map((bar, i) => (
          <rect
            key={bar.x}
            {...bar}
            width="2.5"
            rx=".8"
            className={i < filledBars[priority] ? "fill-current" : "fill-line-strong"}
          />
        ))}
      </svg>
      {isQuiet ? null : word}
      <span className="sr-only">{isQuiet ? `${word} priority` : " priority"}</span>
    </span>
  );
}
