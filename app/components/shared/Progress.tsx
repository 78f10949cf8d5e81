import type { TaskStatus } from "../../../db/enums.ts";

/** Drawn in SVG: its widths are attributes, which a strict content security policy allows. */
export function Progress({ value, label }: { value: number; label: string }) {
  return (
    <div className="flex items-center gap-2 text-xs text-muted">
      <svg
        role="progressbar"
        aria-label={label}
        aria-valuenow={value}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-1.5 min-w-0 flex-1 overflow-hidden rounded-full bg-line"
        width="100%"
      >
        <rect width={`${value}%`} height="100%" className={value === 100 ? "fill-completed" : "fill-in-progress"} />
      </svg>
      <span className="whitespace-nowrap">{value} %</span>
    </div>
  );
}

const segments = [
  { status: "completed", fill: "fill-completed" },
  { status: "in_progress", fill: "fill-in-progress" },
  { status: "failed", fill: "fill-failed" },
] as const;

/** One bar of a workflow's tasks; cancelled ones are not counted. */
export function SegmentedProgress({
  counts,
  className = "",
}: {
  counts: Record<TaskStatus, number>;
  className?: string;
}) {
  const total = counts.pending + counts.in_progress + counts.completed + counts.failed;
  let start = 0;
  return (
    <svg
      role="img"
      aria-label={`${counts.completed} of ${total} completed, ${counts.in_progress} in progress, ${counts.failed} failed`}
      className={`h-1.5 w-full overflow-hidden rounded-full bg-line ${className}`}
    >
      {segments.map(({ status, fill }) => {
        const width = total === 0 ? 0 : (counts[status] / total) * 100;
        const x = start;
        start += width;
        return width === 0 ? null : (
          <rect key={status} x={`${x}%`} width={`${width}%`} height="100%" className={fill} />
        );
      })}
    </svg>
  );
}
