import type { Look } from "~/lib/statuses.ts";
import { Icon } from "./Icon.tsx";

/** A status: its shape, its word, its colour. `word` says more than the status does, such as "Lost: no sign for 60 s". */
export function Mark({ look, word, className = "" }: { look: Look; word?: string; className?: string }) {
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle ${look.ink} ${className}`}>
      <Icon name={look.icon} />
      <span>{word ?? look.word}</span>
    </span>
  );
}
