import { cutAtTimes } from "~/lib/reason-words.ts";
import { ExactTime } from "./ExactTime.tsx";

/** A reason's sentence with its moments in the viewer's own time; who has no script is told that they are in UTC. */
export function ReasonWords({
  reason: { sentence, times },
  as,
}: {
  reason: { sentence: string; times: readonly Date[] };
  as?: (at: Date) => string;
}) {
  return cutAtTimes(sentence, times).map((part) =>
    part instanceof Date ? (
      <span key={part.getTime()} className="whitespace-nowrap">
        <ExactTime at={part} {...(as && { as })} />
        <noscript> UTC</noscript>
      </span>
    ) : (
      part
    ),
  );
}
