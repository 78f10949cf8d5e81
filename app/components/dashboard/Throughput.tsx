import { Link } from "@remix-run/react";
import { Section } from "~/components/shared/Section.tsx";
import { useLocalTime } from "~/hooks/useLocalTime.ts";
import type { Series } from "~/lib/api-types.ts";
import { duration, hourAndMinute } from "~/lib/format.ts";

const windows = { "1h": "5 minutes, last hour", "24h": "hour, last 24 h", "7d": "6 hours, last 7 days" };
/** The drawing grows with its column and its letters with it; these keep them at eleven pixels or so. */
const inkSize = "text-[19px] @md:text-[13px] @xl:text-[11px] @3xl:text-[8.5px] @5xl:text-[6.5px] @7xl:text-[5px]";

const size = { width: 604, height: 150, floor: 124, top: 12 };

/** Completed and failed over time: drawn by the server, each bar says its numbers, and a table holds them all. */
export function Throughput({ series }: { series: Series }) {
  const { buckets, window } = series;
  const highest = Math.max(4, ...buckets.map(({ completed, failed }) => completed + failed));
  const most = highest + (highest % 2);
  const slot = size.width / buckets.length;
  const heightOf = (n: number) => (n / most) * (size.floor - size.top);
  const labelAt = Math.ceil(buckets.length / 4);
  const isDays = window === "7d";
  const { isLocal, inZone } = useLocalTime();
  const dayOf = (at: Date) => inZone(at).toISOString().slice(5, 10);
  const when = (at: Date) => `${isDays ? `${dayOf(at)} ` : ""}${hourAndMinute(inZone(at))}`;
  return (
    <Section
      title="Throughput"
      note={`tasks per ${windows[window]}, ${isLocal ? "local time" : "UTC"}`}
      aside={
        <span className="flex gap-2">
          {Object.keys(windows).map((name) => (
            <Link
              key={name}
              to={`?window=${name}`}
              preventScrollReset
              aria-current={name === window ? "true" : undefined}
              className="inline-flex min-h-6 min-w-6 items-center justify-center text-muted hover:text-text aria-[current]:font-semibold aria-[current]:text-text"
            >
              {name.replace(/(\d+)/, "$1 ")}
            </Link>
          ))}
        </span>
      }
    >
      <div className="@container">
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          className="w-full"
          role="img"
          aria-label={`Completed and failed tasks per ${windows[window]}; the table below has the numbers`}
        >
          {[0, 0.5, 1].map((share) => {
            const y = size.floor - share * (size.floor - size.top) + 0.5;
            return (
              <g key={share}>
                <path d={`M0 ${y}h${size.width}`} className="stroke-line" />
                {share > 0 ? (
                  <text x="0" y={y - 3} className={`fill-muted ${inkSize}`}>
                    {Math.round(share * most)}
                  </text>
                ) : null}
              </g>
            );
          })}
          {buckets.map(({ at, completed, failed }, i) => {
            const [done, lost] = [heightOf(completed), heightOf(failed)];
            return (
              <g key={at.toISOString()}>
                <title>{`${when(at)}: ${completed} completed, ${failed} failed`}</title>
                <rect
                  x={i * slot}
                  y={size.top}
                  width={slot}
                  height={size.floor - size.top}
                  className="fill-transparent"
                />
                <rect
                  x={i * slot + 2}
                  y={size.floor - done}
                  width={slot - 4}
                  height={done}
                  rx="2"
                  className="fill-completed opacity-80"
                />
                <rect
                  x={i * slot + 2}
                  y={size.floor - done - lost - 1}
                  width={slot - 4}
                  height={lost}
                  rx="1"
                  className="fill-failed"
                />
                {i % labelAt === 0 ? (
                  <text x={i * slot + 2} y={size.height - 8} className={`fill-muted ${inkSize}`}>
                    {isDays ? dayOf(at) : when(at)}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      </div>
      <details className="mt-1 text-xs">
        <summary className="inline-flex min-h-6 items-center text-muted hover:text-text touch:min-h-11">
          As a table
        </summary>
        <table className="mt-2">
          <thead>
            <tr>
              {["From", "Made", "Completed", "Failed", "Queued, median", "Run time, median"].map((name, i) => (
                <th key={name} scope="col" className={`pr-6 font-medium ${i === 0 ? "text-left" : "text-right"}`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket) => (
              <tr key={bucket.at.toISOString()}>
                <td className="pr-6">{when(bucket.at)}</td>
                <td className="pr-6 text-right">{bucket.created}</td>
                <td className="pr-6 text-right">{bucket.completed}</td>
                <td className="pr-6 text-right">{bucket.failed}</td>
                <td className="pr-6 text-right">{spanOf(bucket.medianQueueSeconds)}</td>
                <td className="pr-6 text-right">{spanOf(bucket.medianRunSeconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Section>
  );
}

const spanOf = (seconds: number | null) => (seconds === null ? "no data" : duration(seconds));
