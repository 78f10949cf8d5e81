import { Banner } from "~/components/shared/Banner.tsx";
import { ReasonWords } from "~/components/shared/ReasonWords.tsx";
import type { Explanation } from "~/lib/api-types.ts";
import { timesIn } from "~/lib/reason-words.ts";

/** Why the task is where it is. What moves by itself is said quietly. */
export function WhyNotMoving({ why }: { why: Explanation }) {
  return (
    <div className="mt-2 max-w-fit">
      <Banner tone={toneOf(why)}>
        <ul className="flex flex-col gap-1">
          {why.reasons.map(({ code, sentence, data }) => (
            <li key={code} className="break-words">
              <ReasonWords reason={{ sentence, times: timesIn(data) }} />
              {code === "decision" ? (
                <a href="#suggestions" className="ml-2 font-medium underline underline-offset-2">
                  Decide
                </a>
              ) : null}
            </li>
          ))}
        </ul>
      </Banner>
    </div>
  );
}

function toneOf({ moving, reasons }: Explanation) {
  if (moving) return "plain";
  const codes = reasons.map(({ code }) => code);
  if (codes.includes("completed")) return "good";
  return codes.includes("failed") ? "failed" : "waiting";
}
