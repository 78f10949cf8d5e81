import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import type { SuggestionDetail } from "~/lib/api-types.ts";
import { percent, taskNumber } from "~/lib/format.ts";
import { suggestionLooks } from "~/lib/statuses.ts";

/** How far the agent can be trusted here: what it says, what people answered when it said so before. */
export function Trust({ suggestion }: { suggestion: SuggestionDetail }) {
  const { confidence, calibration, record, before } = suggestion;
  return (
    <aside aria-label="How far to trust this" className="flex flex-col gap-4 xl:border-l xl:border-line xl:pl-6">
      <section>
        <h3 className="text-sm font-semibold">
          {confidence === null ? "Did not say how sure it is" : `Says ${percent(confidence)} sure`}
        </h3>
        {calibration ? (
          <>
            <p className="mt-1 text-xs text-muted">
              When it said {percent(calibration.from)} to {percent(calibration.to)}, people approved{" "}
              {percent(calibration.approved / calibration.n)} (n {calibration.n}).
            </p>
            <div className="mt-3 flex flex-col gap-2">
              <Meter word="It said" share={confidence ?? 0} fill="fill-agent" />
              <Meter word="Approved" share={calibration.approved / calibration.n} fill="fill-waiting" />
            </div>
          </>
        ) : (
          <p className="mt-1 text-xs text-muted">
            {confidence === null ? "" : "No earlier decision at this confidence to compare with."}
          </p>
        )}
      </section>
      <section>
        <h3 className="text-sm font-semibold">Before, the same action</h3>
        <p className="mt-1 text-xs text-muted">
          {record.decided === 0 ? "Never decided before." : `${record.approved} of ${record.decided} approved.`}
        </p>
        <ul className="mt-2 flex flex-col gap-2 text-sm empty:hidden">
          {before.map((one) => (
            <li key={one.id}>
              <Mark look={suggestionLooks[one.status]} />{" "}
              <span className="text-muted">
                on {taskNumber(one.taskNumber)}, <RelativeTime at={one.decidedAt} />
              </span>
              {one.note ? <p className="break-words">“{one.note}”</p> : null}
            </li>
          ))}
        </ul>
      </section>
    </aside>
  );
}

const Meter = ({ word, share, fill }: { word: string; share: number; fill: string }) => (
  <div className="grid grid-cols-[5rem_1fr_3rem] items-center gap-3 text-xs">
    <span className="text-muted">{word}</span>
    <svg aria-hidden="true" className="h-2 w-full overflow-hidden rounded-xs bg-well">
      <rect width={`${share * 100}%`} height="100%" className={fill} />
    </svg>
    <span className="text-right">{percent(share)}</span>
  </div>
);
