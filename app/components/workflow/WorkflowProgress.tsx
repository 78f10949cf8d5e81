import { Mark } from "~/components/shared/Mark.tsx";
import { SegmentedProgress } from "~/components/shared/Progress.tsx";
import { Section } from "~/components/shared/Section.tsx";
import type { WorkflowDetail } from "~/lib/api-types.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { taskStatuses } from "../../../db/enums.ts";

export function WorkflowProgress({ workflow }: { workflow: WorkflowDetail }) {
  const counts = workflow.taskCounts;
  return (
    <Section title="Progress">
      <div className="flex items-center gap-3">
        <SegmentedProgress counts={counts} className="flex-1" />
        <span className="text-lg font-semibold whitespace-nowrap">
          {workflow.progress === null ? "no tasks" : `${workflow.progress} %`}
        </span>
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {taskStatuses
          .filter((status) => counts[status] > 0)
          .map((status) => (
            <li key={status}>
              <Mark
                look={taskLooks[status]}
                word={`${counts[status]} ${taskLooks[status].word.toLowerCase()}${status === "cancelled" ? ", not counted" : ""}`}
              />
            </li>
          ))}
      </ul>
      <details className="mt-1 text-xs text-muted">
        <summary className="inline-flex min-h-6 items-center underline decoration-dotted underline-offset-2 touch:min-h-11">
          How progress is counted
        </summary>
        <p className="max-w-[66ch]">
          Completed tasks ÷ all but the cancelled ones. A running task adds its own fraction. Rounded down; 100 % only
          when all are completed. Failures never raise it.
        </p>
      </details>
    </Section>
  );
}
